import { spawnSync } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unwrapped } from "../unwrapped";
import { PREFLIGHT, changes } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

describe("preflight", () => {
    const preflight = { ...PREFLIGHT, PORTS: ["6443"], PACKAGE_SOURCE: "http://192.0.2.2/packages" };
    const date = (seconds: number) =>
        `HTTP/1.1 200 OK\r\nDate: ${new Date(Date.now() + seconds * 1000).toUTCString()}\r\n`;

    it("prints the host's facts and changes nothing", () => {
        host.write("fake/repository", date(0));
        expect(JSON.parse(host.run("preflight", "create", preflight).stdout)).toMatchObject({
            machineId: "0123456789abcdef0123456789abcdef",
        });
        expect(changes(host.calls())).toEqual([]);
        expect(host.exists("var/lib/pulumi-kubeadm")).toBe(false);
    });

    it("names every fault, with what was got and what was expected", () => {
        host.write("etc/os-release", "ID=alpine\nVERSION_ID=3.20\n");
        host.write("etc/machine-id", "");
        host.write("fake/repository", date(3600));
        host.write("etc/kubernetes/manifests/kube-apiserver.yaml", "");
        const { code, stderr } = host.run("preflight", "create", {
            ...preflight,
            MINIMUM_CPUS: 10000,
            NODE_ADDRESS: "192.0.2.99",
        });
        expect(code).toBe(1);
        for (const text of [
            "operating system: got 'alpine 3.20', expected Debian 12 or later",
            "/etc/machine-id: got an empty file",
            "expected at least 10000",
            "no interface carries 192.0.2.99",
            "got /etc/kubernetes/manifests/kube-apiserver.yaml, expected no remains of another cluster",
            "clock: got a difference of -3",
            "6 fault(s); no host was changed",
        ]) {
            expect(stderr).toContain(text);
        }
    });

    it("warns of what the configuration makes a warning, and does not look at what it leaves out", () => {
        host.write("etc/os-release", "ID=alpine\nVERSION_ID=3.20\n");
        host.write("fake/repository", date(3600));
        const checks = { ...preflight, MINIMUM_CPUS: 10000 };
        const options = { PREFLIGHT_WARN: ["operating-system", "capacity"], PREFLIGHT_SKIP: ["package-source"] };
        const { code, stdout, stderr } = host.run("preflight", "create", { ...checks, ...options });
        expect(code, stderr).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ architecture: expect.anything() });
        expect(stderr).toContain("warning: preflight has found:");
        expect(stderr).toMatch(/^ {2}cp1 +operating-system +operating system: got 'alpine 3\.20'/m);
        expect(stderr).toMatch(/^ {2}cp1 +capacity +processors: got \d+, expected at least 10000$/m);
        expect(stderr).toContain("the check 'package-source' is left out, as preflight.skip says");
        expect(host.calls().filter((call) => call.startsWith("curl"))).toEqual([]);
    });

    it("warns of a clock that nothing keeps right, and of a disk that is too slow for etcd", () => {
        host.write("fake/repository", date(0));
        const checks = { ...preflight, ETCD_DATA: "/var/lib/etcd" };
        host.write("usr/local/sbin/dd", "#!/bin/bash\n[[ ! -e /fake/slow-disk || $* != *fdatasync* ]] || sleep 2\n");
        host.exec(["chmod", "755", "/usr/local/sbin/dd"]);
        // On a busy machine a program takes some hundred milliseconds to start.
        const fast = host.run("preflight", "create", checks);
        expect(fast.stderr).not.toMatch(/time-sync|takes \d{4,} ms/);
        expect(fast.code).toBe(0);
        host.exec(["rm", "/fake/active-chrony"]);
        host.write("fake/slow-disk", "");
        const { code, stderr } = host.run("preflight", "create", checks);
        expect(code).toBe(0);
        expect(stderr).toMatch(/ time-sync +nothing keeps this host's clock right, expected chrony/);
        expect(stderr).toMatch(/ etcd-disk +a small write to \/var\/lib takes \d{4,} ms until it is on disk/);
        expect(host.exists("var/lib/etcd")).toBe(false);
        host.write("fake/active-chrony", "");
        expect(host.run("preflight", "create", preflight)).toMatchObject({ code: 0, stderr: "" });
    });

    it("fits a terminal: what was found and what to do are broken between words, in their column", () => {
        const row = [
            "sources",
            "https://example.com/file: status 404, ".repeat(6).trim(),
            "check it. ".repeat(20).trim(),
        ];
        const table = 'source "$0"; note() { :; }; NODE_NAME=cp1 table_of "$1"';
        const file = "components/scripts/lib/host/checks.sh";
        const { stderr } = spawnSync("bash", ["-c", table, file, row.join("\x1f")], { encoding: "utf8" });
        const lines = stderr.trimEnd().split("\n");
        expect(lines).toHaveLength(6);
        expect(lines[0]).toMatch(/^ {2}cp1 {6}sources {16}https:/);
        for (const line of lines.slice(1)) expect(line).toMatch(/^ {34}h| {36}(to do: check|it\.|check)/);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(112);
        expect(unwrapped(stderr)).toBe(
            `  cp1      sources                ${row[1]}\n${" ".repeat(36)}to do: ${row[2]}\n`,
        );
    });

    it("says in a second line what to do", () => {
        host.write("fake/repository", date(3600));
        const { stderr } = host.run("preflight", "create", preflight);
        expect(stderr).toMatch(/ package-source +clock: got .*\n +to do: synchronize the clock \(install chrony\)\n/);
    });

    it("names kube-proxy's mode when the kernel cannot serve it", () => {
        host.write("fake/repository", date(0));
        host.write("fake/modprobe-fails", "");
        const { code, stderr } = host.run("preflight", "create", { ...preflight, KUBE_PROXY_MODE: "ipvs" });
        expect(code).toBe(1);
        expect(stderr).toContain(
            "network.kubeProxy: got 'ipvs', but this kernel has no ip_vs; expected iptables or nftables",
        );
    });

    it("names what NodeLocal DNSCache and Calico's IP-in-IP lack", () => {
        host.write("fake/repository", date(0));
        host.write("fake/modprobe-fails", "");
        const needs = { ...preflight, DUMMY_INTERFACE: true, IPIP_TUNNEL: true };
        const { code, stderr } = host.run("preflight", "create", needs);
        expect(code).toBe(1);
        expect(stderr).toContain("coreDns.nodeLocalCache: got a kernel without the module 'dummy'");
        expect(stderr).toContain("cni.mode: got 'ipip', but this kernel has no module 'ipip'; expected vxlan or bgp");
        expect(host.run("preflight", "create", preflight).code).toBe(0);
    });

    it("refuses another cluster's host, and knows its own", () => {
        host.write("fake/repository", date(0));
        host.write("var/lib/pulumi-kubeadm/joined", "another-cluster\n");
        expect(host.run("preflight", "create", preflight).stderr).toContain(
            "this host belongs to another cluster (another-cluster). Is this the right stack",
        );
        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        expect(host.run("preflight", "create", preflight).code).toBe(0);
    });
});
