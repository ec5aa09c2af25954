import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import {
    BOOTSTRAP as bootstrap,
    ROLLOUT as rollout,
    controlPlaneDesired,
    sandboxWithMember,
    workerDesired,
} from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
afterEach(() => host.remove());

/** A file of the configuration, as the program sends it. */
const file = (content: string, path: string, rest = "0644 root:root"): ScriptParameters => ({
    SETUP_FILES: [`/${path} ${rest}`],
    SETUP_FILE_CONTENTS: [content],
});

describe("the parts of a setup", () => {
    const prepare = (setup: ScriptParameters) => host.run("prepare", "create", { ...workerDesired(), ...setup });
    beforeEach(() => {
        host = new Sandbox();
    });

    it("come in an order: what the package manager reads, packages, other files", () => {
        host.write("fake/apt-get-fails", "");
        const packages = { SETUP_PACKAGES: ["corp-agent"] };
        expect(prepare({ ...file("deb", "etc/apt/sources.list.d/corp.list"), ...packages }).code).toBe(1);
        expect(host.read("etc/apt/sources.list.d/corp.list")).toBe("deb");
        expect(prepare({ ...file("agent", "etc/corp/agent.conf"), ...packages }).code).toBe(1);
        expect(host.exists("etc/corp/agent.conf")).toBe(false);
    });

    it("open the firewall that a package has brought", () => {
        expect(prepare({ FIREWALL: "auto", SETUP_PACKAGES: ["ufw"] }).code).toBe(0);
        const calls = host.calls();
        const opened = calls.findIndex((call) => call.includes("ufw "));
        expect(opened).toBeGreaterThan(calls.findIndex((call) => / install .*ufw/.test(call)));
    });

    it("take another version of a package for another one, and a revision of the same for the same", () => {
        host.write("fake/packages", "agent 5:1.2.10-1\n");
        const installs = (version: string) => {
            expect(prepare({ SETUP_PACKAGES: [`agent=${version}`] }).code).toBe(0);
            return host.calls().filter((call) => / install .*agent=/.test(call)).length;
        };
        expect([installs("1.2.10"), installs("5:1.2.10-1"), installs("1.2*")]).toEqual([0, 0, 0]);
        expect(installs("1.2.1")).toBe(1);
    });

    it("tell of a file in the place of a folder, and of a unit that the host does not have", () => {
        host.write("etc/x", "");
        const refused = prepare(file("a", "etc/x/y"));
        expect(refused.stderr).toContain("/etc/x is a file; expected a folder, or nothing");
        host.write("fake/no-such-units", "nosuch.service\n");
        const { stderr } = prepare(file("a", "etc/a", "0644 root:root nosuch.service"));
        expect(stderr).toContain("warning: this host has no unit nosuch.service, which /etc/a shall restart");
    });
});

describe("preflight", () => {
    beforeEach(() => {
        host = new Sandbox();
    });

    it("looks names up in the lines that /etc/hosts will have", () => {
        const checks = {
            ...PREFLIGHT,
            ...{ ENDPOINT: "k8s.example.invalid:6443", ENDPOINT_PLACEMENT: "external" },
            ...{
                PACKAGE_SOURCE: "http://mirror.example.invalid/packages",
                MUST_REACH: ["https://etcd.example.invalid:2379"],
            },
        };
        expect(host.run("preflight", "create", checks).stderr).toContain(
            "k8s.example.invalid does not resolve on this host",
        );
        const names = ["127.0.0.1 k8s.example.invalid mirror.example.invalid", "2001:db8::9 etcd.example.invalid"];
        host.calls();
        const { stderr } = host.run("preflight", "create", { ...checks, SETUP_ALIASES: names });
        expect(stderr).not.toContain("does not resolve");
        const asked = host.calls().filter((call) => call.startsWith("curl"));
        expect(asked).toHaveLength(2);
        for (const call of asked) {
            expect(call).toContain("--connect-to mirror.example.invalid::127.0.0.1:");
            expect(call).toContain("--connect-to etcd.example.invalid::[2001:db8::9]:");
        }
    });
});

describe("a file of kube-apiserver", () => {
    const desired = controlPlaneDesired();
    const tokens = (content: string) => ({
        ...desired,
        ...file(content, "etc/kubernetes/auth/tokens.csv", "0600 root:root kube-apiserver"),
    });
    const stops = () => host.calls().filter((call) => /crictl stop|cordon|lease/.test(call));
    beforeEach(() => {
        host = sandboxWithMember();
        host.ok("prepare", "create", tokens("one"));
        host.ok("node", "create", bootstrap);
        host.write("etc/kubernetes/manifests/kube-apiserver.yaml", "kind: Pod\n");
        const minuteAgo = `${Math.floor(Date.now() / 1000) - 60}000000000`;
        host.write("fake/containers.json", JSON.stringify({ containers: [{ id: "c1", createdAt: minuteAgo }] }));
        stops();
    });

    it("restarts it on a live node under the lock of changes, once, without a drain", () => {
        host.ok("prepare", "update", tokens("two"));
        host.ok("node", "update", rollout);
        expect(stops().join("\n")).toMatch(/lease[^]*crictl stop --timeout 10 c1/);
        host.ok("node", "update", rollout);
        expect(stops().filter((call) => call.includes("crictl stop"))).toEqual([]);
    });

    it("restarts it in the next run, where one was killed after the file was written", async () => {
        host.ok("prepare", "update", tokens("two"));
        // The lock is taken after the file is written, and long before the restart ends.
        await host.runAndKillAt(/lease/, "node", "update", rollout);
        expect(host.read("etc/kubernetes/auth/tokens.csv")).toBe("two");
        stops();
        host.ok("node", "update", rollout);
        expect(stops().join("\n")).toContain("crictl stop --timeout 10 c1");
    });

    it("restarts it under the lock where the file leaves the configuration", () => {
        host.ok("prepare", "update", desired);
        expect(host.ok("node", "update", rollout)).toContain("removing /etc/kubernetes/auth/tokens.csv");
        expect(stops().join("\n")).toMatch(/lease[^]*crictl stop --timeout 10 c1/);
    });
});
