import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { BOOTSTRAP, controlPlaneDesired, releaseOf, sandboxWithMember } from "./desired";
import { PREFLIGHT } from "./preflight";
import type { Sandbox } from "./sandbox";

const desired = controlPlaneDesired();
const release = releaseOf(desired);

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.ok("prepare", "create", desired);
});
afterEach(() => host.remove());

const goLive = () => host.ok("node", "create", BOOTSTRAP);
const REMOVE_FIRST = 'remove cp1, run "pulumi up", then add it';
const OTHERS: [string, ScriptParameters, string][] = [
    ["another name", { NODE_NAME: "cp9" }, `control plane node cp1 of this cluster; to rename it, ${REMOVE_FIRST}`],
    [
        "another role",
        { ROLE: "worker" },
        `192.0.2.11 is control plane node cp1 of this cluster; to make it a worker, ${REMOVE_FIRST}`,
    ],
    [
        "another private address",
        { NODE_ADDRESS: "192.0.2.99" },
        `192.0.2.11 is control plane node cp1 of this cluster; to change its private address to 192.0.2.99, ${REMOVE_FIRST}`,
    ],
];

describe("a live host", () => {
    beforeEach(() => void goLive());

    it.each(OTHERS)("is not released by a step that was sent %s", (_, other, sentence) => {
        host.calls();
        expect(host.ok("release", "delete", { ...release, ...other })).toContain(`left as it is: `);
        expect(host.ok("release", "delete", { ...release, ...other })).toContain(sentence);
        expect(host.calls()).toEqual([]);
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(true);
    });

    it.each(OTHERS)("fails the preflight that was sent %s", (_, other, sentence) => {
        const { code, stderr } = host.run("preflight", "update", { ...PREFLIGHT, ...other });
        expect(code).toBe(1);
        expect(stderr).toContain(sentence);
    });

    it.each(OTHERS)("keeps its staged state when prepare is sent %s", (_, other, sentence) => {
        const before = host.read("var/lib/pulumi-kubeadm/desired.env");
        const { code, stderr } = host.run("prepare", "update", { ...desired, ...other });
        expect(code).toBe(1);
        expect(stderr).toContain(`${sentence}; nothing was changed`);
        expect(host.read("var/lib/pulumi-kubeadm/desired.env")).toBe(before);
    });

    it("passes the preflight as what it is, which tells that etcd ran there", () => {
        const { code, stdout } = host.run("preflight", "update", { ...PREFLIGHT, ETCD_DATA: "/var/lib/etcd" });
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ etcdRan: true });
    });

    it("is not released by the holder of a former claim", () => {
        host.ok("prepare", "update", { ...desired, CLAIM: "second" });
        expect(host.ok("release", "delete", release)).toContain("has another claim");
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(true);
        host.ok("release", "delete", { ...release, CLAIM: "second" });
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(false);
    });

    it("is not released when its staged state is gone", () => {
        host.exec(["rm", "/var/lib/pulumi-kubeadm/desired.env"]);
        expect(host.ok("release", "delete", release)).toContain("the name and role of this host are unknown");
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(true);
    });
});

describe("a release", () => {
    it("of a host with a member leaves etcd first, so that those who stay have no dead voter", () => {
        goLive();
        host.write("fake/etcd/192.0.2.11/remove", "{}");
        host.calls();
        host.ok("release", "delete", release);
        const calls = host.calls();
        const left = calls.findIndex((call) => call === "curl https://192.0.2.11:2379/v3/cluster/member/remove");
        expect(left).toBeGreaterThan(-1);
        expect(left).toBeLessThan(calls.findIndex((call) => /systemctl .*disable.* kubelet/.test(call)));
    });

    it("by hand, with the runbook's command, is the same", () => {
        goLive();
        host.exec(["sh", "-c", "bash toolkit/run.sh reset delete </var/lib/pulumi-kubeadm/desired.env"]);
        for (const left of ["var/lib/pulumi-kubeadm", "etc/kubernetes/pki/ca.key", "toolkit/run.sh"]) {
            expect(host.exists(left), left).toBe(false);
        }
    });

    it("that was cut at its very end is finished by the next", () => {
        goLive();
        host.exec(["bash", "-c", "cd /var/lib/pulumi-kubeadm && find . -mindepth 1 ! -name desired.env -delete"]);
        host.ok("release", "delete", release);
        expect(host.exists("var/lib/pulumi-kubeadm")).toBe(false);
    });
});

describe("a host of another cluster", () => {
    it.each([
        ["live", () => void goLive()],
        ["prepared, and cut before its bootstrap ended", () => undefined],
    ])("that is %s: no phase changes it, and each says whose it is", (_, make) => {
        make();
        const before = host.read("var/lib/pulumi-kubeadm/desired.env");
        const another = { CLUSTER_ID: "another-cluster" };
        const preflight = host.run("preflight", "create", { ...PREFLIGHT, ...another });
        expect(preflight.code).toBe(1);
        expect(preflight.stderr).toMatch(/remains of another cluster \(this-cluster\)[^]*Is this the right stack/);
        const prepare = host.run("prepare", "create", { ...desired, ...another });
        expect(prepare.code).toBe(1);
        expect(prepare.stderr).toContain("this host belongs to another cluster (this-cluster); nothing was changed");
        expect(host.ok("release", "delete", { ...release, ...another })).toContain("belongs to another cluster");
        expect(host.read("var/lib/pulumi-kubeadm/desired.env")).toBe(before);
    });

    it("whose etcd has a folder of its own fails the preflight", () => {
        host.exec(["rm", "-r", "/var/lib/pulumi-kubeadm"]);
        host.write("srv/etcd/member/wal", "");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ETCD_DATA: "/srv/etcd" });
        expect(code).toBe(1);
        expect(stderr).toContain("remains of another cluster: /srv/etcd/member exists");
    });
});

describe("a host whose bootstrap was cut", () => {
    it("may become another node of the same cluster, and its former claim does not release it", () => {
        host.ok("prepare", "create", { ...desired, NODE_NAME: "cp9", CLAIM: "of-cp9" });
        expect(host.ok("release", "delete", release)).toContain("left as it is");
    });
});
