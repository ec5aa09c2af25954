import { execFileSync } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { workerDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

const PROXY = { PROXY_HTTP: "http://192.0.2.3:3128", PROXY_HTTPS: "", PROXY_NONE: "localhost,10.1.0.0/16,fd00:1::/32" };

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

/** What the last call of a program was told to call directly, beyond PROXY_NONE. */
const direct = (program: string): string[] => {
    const told = host.read(`fake/no-proxy-${program}`).trim().split("\n").at(-1) ?? "";
    expect(told.startsWith(PROXY.PROXY_NONE)).toBe(true);
    return told.slice(PROXY.PROXY_NONE.length).split(",").slice(1);
};

describe("an address within a network of the exceptions is called without the proxy", () => {
    it("by apt, in the program's repositories and in those of the host", () => {
        host.write("etc/apt/sources.list", "deb http://10.1.9.9/debian bookworm main\ndeb http://10.2.0.1/x y z\n");
        host.write("etc/apt/sources.list.d/own.sources", "URIs: http://[fd00:1::7]:8080/a https://u:p@10.1.0.9/b\n");
        const KUBERNETES_REPOSITORY = "http://10.1.0.2/kubernetes";
        const CONTAINERD_REPOSITORY = "http://10.1.0.3.example.com/containerd";
        host.ok("prepare", "create", { ...workerDesired(), ...PROXY, KUBERNETES_REPOSITORY, CONTAINERD_REPOSITORY });
        expect(direct("apt-get")).toEqual(["10.1.0.2", "10.1.0.9", "10.1.9.9", "fd00:1::7"]);
    });

    it("by dnf", () => {
        host.write("etc/os-release", 'ID="rocky"\nVERSION_ID="9.5"\nID_LIKE="rhel centos fedora"\n');
        host.write("etc/apt/sources.list", "");
        host.write("etc/yum.repos.d/site.repo", "[site]\nbaseurl=http://10.1.7.7/site/$basearch\n");
        host.run("prepare", "create", { ...workerDesired(), ...PROXY });
        expect(direct("dnf")).toContain("10.1.7.7");
    });

    it.each([
        ["http://10.1.0.2:8080/k", ["10.1.0.2"]],
        ["https://[fd00:1::2]/k", ["fd00:1::2"]],
        ["http://10.2.0.2/k", []],
    ])("by curl: %s", (PACKAGE_SOURCE, expected) => {
        host.write("etc/apt/sources.list", "");
        host.run("preflight", "create", { ...PREFLIGHT, ...PROXY, PACKAGE_SOURCE });
        expect(direct("curl").filter((address) => PACKAGE_SOURCE.includes(address))).toEqual(expected);
    });
});

describe("a network has an address", () => {
    const has = (address: string, network: string): boolean => {
        const command = `source /toolkit/lib/host/download-proxy.sh; within_network ${address} ${network} && echo yes || true`;
        return execFileSync("chroot", [host.root, "bash", "-euc", command], { encoding: "utf8" }) === "yes\n";
    };

    it.each([
        ["192.0.2.127", "192.0.2.0/25", "192.0.2.128"],
        ["10.255.255.255", "10.0.0.0/8", "11.0.0.0"],
        ["192.168.63.255", "192.168.0.0/18", "192.168.64.0"],
        ["192.0.2.8", "192.0.2.8/32", "192.0.2.9"],
        ["203.0.113.9", "0.0.0.0/0", "fd00::9"],
        ["fd00:88:0:ffff::1", "fd00:88::/48", "fd00:88:1::1"],
        ["fd00::3", "fd00::2/127", "fd00::4"],
        ["FD00::A", "fd00:0:0:0:0:0:0:a/128", "fd00::b"],
        ["::1", "::/0", "10.0.0.1"],
    ])("%s in %s, and not %s", (inside, network, outside) => {
        expect([has(inside, network), has(outside, network)]).toEqual([true, false]);
    });

    it("takes nothing else for an address", () => {
        expect(["1.2.3", "10.0.0.1.", "cafe", "mirror"].filter((text) => has(text, "0.0.0.0/0"))).toEqual([]);
    });
});
