import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { fingerprint } from "../../components/lib/certificates";
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

/** The lists that the phases must be sent, with nothing in them: these steps stop before they read one. */
const LISTS: ScriptParameters = { KEY_DIGESTS: [], PORTS: [], NODES: [], JOIN_TOKENS: [] };

const goLive = () => host.ok("node", "create", BOOTSTRAP);
const REMOVE_FIRST =
    'remove cp1 (with an etcd member: and one more, because their number is odd), run "pulumi up", then add it; or put the former value back';
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

    it("passes the preflight as what it is, and with its cluster's network alone", () => {
        const look = (changes: ScriptParameters) =>
            host.run("preflight", "update", { ...PREFLIGHT, ETCD_DATA: "/var/lib/etcd", ...changes });
        expect(look({}).code).toBe(0);
        expect(look({ NETWORK: desired.NETWORK }).code).toBe(0);
        const { code, stderr } = look({ NETWORK: "pods 10.1.0.0/16, services 10.96.0.0/12, domain cluster.local" });
        expect(code).toBe(1);
        expect(stderr).toContain(
            "network: got 'pods 10.1.0.0/16, services 10.96.0.0/12, domain cluster.local', expected 'pods 10.244.0.0/16, ",
        );
    });

    it("fails the preflight of a program with other keys: its new nodes would be strangers", () => {
        const digest = (file: string) => fingerprint(host.read(`etc/kubernetes/pki/${file}`));
        const keys = (sa: string) =>
            host.run("preflight", "update", {
                ...PREFLIGHT,
                ETCD_DATA: "/var/lib/etcd",
                KEY_DIGESTS: [`etcd/ca.crt ${digest("etcd/ca.crt")}`, `sa.pub ${sa}`],
            });
        expect(keys(digest("sa.pub")).code).toBe(0);
        const { code, stderr } = keys("another");
        expect(code).toBe(1);
        expect(stderr).toContain(
            `/etc/kubernetes/pki/sa.pub: got the digest ${digest("sa.pub")}, expected another: this live host has another key`,
        );
    });

    it("is not released by the holder of a former claim", () => {
        host.ok("prepare", "update", { ...desired, CLAIM: "second" });
        expect(host.ok("release", "delete", release)).toContain("has another claim");
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(true);
        host.ok("release", "delete", { ...release, CLAIM: "second" });
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(false);
    });

    it.each(["identity.env", "desired.env"])("is not released when its %s is gone", (file) => {
        host.exec(["rm", `/var/lib/pulumi-kubeadm/${file}`]);
        expect(host.ok("release", "delete", release)).toContain("what this host is and has is unknown");
        expect(host.exists("etc/kubernetes/pki/ca.key")).toBe(true);
    });
});

describe("every step", () => {
    it.each(["preflight", "prepare", "node", "cluster", "finish", "etcd-members", "release", "formation"])(
        "%s changes nothing with scripts that are not those of its program",
        (phase) => {
            const { code, stderr } = host.run(phase, "update", { ...desired, ...LISTS, TOOLKIT: "of-another" });
            expect(code).toBe(1);
            expect(stderr).toContain("the scripts in /toolkit are not this program's");
        },
    );
});

describe("every step after prepare", () => {
    const steps = ["node", "cluster", "finish", "etcd-members"];

    it.each(steps)("%s changes no host that another copy of the state has prepared since", (phase) => {
        goLive();
        host.ok("prepare", "update", { ...desired, CLAIM: "second" });
        host.calls();
        const { code, stderr } = host.run(phase, "update", { ...BOOTSTRAP, ...LISTS, CLAIM: "first" });
        expect(code).toBe(1);
        expect(stderr).toContain("this host has another claim");
        expect(stderr).toContain("nothing was changed");
        expect(host.calls()).toEqual([]);
    });

    it.each(steps)("%s changes no host of another cluster", (phase) => {
        goLive();
        host.calls();
        expect(host.run(phase, "update", { ...BOOTSTRAP, ...LISTS, CLUSTER_ID: "another-cluster" }).stderr).toContain(
            "belongs to another cluster (this-cluster)",
        );
        // It only asks whether the host serves, for what it advises.
        expect(host.calls().filter((call) => !call.includes("is-active"))).toEqual([]);
    });

    it("node changes no host where another desired state is staged than it was sent", () => {
        host.ok("prepare", "create", { ...desired, DESIRED: "one" });
        const { code, stderr } = host.run("node", "create", { ...BOOTSTRAP, DESIRED: "two" });
        expect(code).toBe(1);
        expect(stderr).toContain("another desired state is staged on this host");
        expect(host.run("node", "create", { ...BOOTSTRAP, DESIRED: "one" }).code).toBe(0);
    });
});

describe("a host", () => {
    const identity = "var/lib/pulumi-kubeadm/identity.env";

    it("that has the disk of a live one is told by its machine-id", () => {
        goLive();
        host.write("etc/machine-id", "fedcba9876543210fedcba9876543210\n");
        for (const [phase, parameters] of [["preflight", PREFLIGHT] as const, ["prepare", desired] as const]) {
            const { code, stderr } = host.run(phase, "update", parameters);
            expect(code).toBe(1);
            expect(stderr).toContain("because this disk is that of the live host cp1");
        }
    });

    it("that a later version has changed is left alone", () => {
        host.write(identity, host.read(identity).replace("HOST_LAYOUT=1", "HOST_LAYOUT=2"));
        for (const [phase, parameters] of [["preflight", PREFLIGHT] as const, ["prepare", desired] as const]) {
            expect(host.run(phase, "update", parameters).stderr).toContain("a later version of pulumi-kubeadm");
        }
        expect(host.ok("release", "delete", release)).toContain("left as it is: a later version");
    });

    it("refuses a step of scripts that are of another version than the program", () => {
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ROLE: undefined });
        expect(code).toBe(1);
        expect(stderr).toContain("the parameter ROLE is missing");
    });

    it("does not let what lies on it replace what a step was sent", () => {
        const state = "var/lib/pulumi-kubeadm/desired.env";
        host.write(state, `${host.read(state)}NODE_NAME='cp9'\n`);
        expect(host.run("node", "create", BOOTSTRAP).stderr).toContain("NODE_NAME: readonly variable");
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
        host.exec(["sh", "-c", "bash toolkit/run.sh release delete </var/lib/pulumi-kubeadm/identity.env"]);
        for (const left of ["var/lib/pulumi-kubeadm", "etc/kubernetes/pki/ca.key", "toolkit/run.sh"]) {
            expect(host.exists(left), left).toBe(false);
        }
    });

    it("that was cut at its very end is finished by the next", () => {
        goLive();
        host.exec([
            "bash",
            "-c",
            "cd /var/lib/pulumi-kubeadm && find . -mindepth 1 ! -name desired.env ! -name identity.env -delete",
        ]);
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
        expect(preflight.stderr).toMatch(/belongs to another cluster \(this-cluster\)\. Is this the right stack/);
        const prepare = host.run("prepare", "create", { ...desired, ...another });
        expect(prepare.code).toBe(1);
        expect(prepare.stderr).toContain("this host belongs to another cluster (this-cluster)");
        expect(host.ok("release", "delete", { ...release, ...another })).toContain("belongs to another cluster");
        expect(host.read("var/lib/pulumi-kubeadm/desired.env")).toBe(before);
    });

    it("whose etcd has a folder of its own fails the preflight", () => {
        host.exec(["rm", "-r", "/var/lib/pulumi-kubeadm"]);
        host.write("srv/etcd/member/wal", "");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ETCD_DATA: "/srv/etcd" });
        expect(code).toBe(1);
        expect(stderr).toContain("got /srv/etcd/member, expected no remains of another cluster");
    });
});

describe("a host whose bootstrap was cut", () => {
    it("may become another node of the same cluster, and its former claim does not release it", () => {
        host.ok("prepare", "create", { ...desired, NODE_NAME: "cp9", CLAIM: "of-cp9" });
        expect(host.ok("release", "delete", release)).toContain("left as it is");
    });
});
