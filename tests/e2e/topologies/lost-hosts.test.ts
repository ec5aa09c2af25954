import * as path from "path";
import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { exampleConfig } from "../example";
import { Footprint, footprints } from "../footprint";
import { expectReady, podsReachEachOther } from "../looks";
import { eventually, onHost, said, Stack, stepFailed } from "../stack";

/** Hosts that do not answer, before and while they are made or changed: one story, each test goes on from the last. */
const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const config = exampleConfig("stacked");
const stack = new Stack(config);
const withMaxPods = { ...config, kubeletConfiguration: { ...config.kubeletConfiguration, maxPods: 90 } };
const changed = new Stack(withMaxPods);

const maxPods = (host: string): Promise<string> => onHost(host, "grep maxPods /var/lib/kubelet/config.yaml || true");
let before: Record<string, Footprint>;

async function start(hosts: string[]): Promise<void> {
    await lab.down();
    await lab.up({ hosts, hostsFile: path.join(__dirname, "hosts.yaml") });
}

describe("nodes that do not answer", () => {
    beforeAll(async () => {
        await start(nodes);
        before = await footprints(nodes);
    });

    it("a worker that is off, and the first control plane node is cut off while it is made: the others are a cluster", async () => {
        await lab.kill("w2");
        const up = stack.up();
        await eventually(120, "cp1 is being prepared", () => onHost("cp1", "test -e /run/pulumi-kubeadm.lock"));
        await lab.partition("cp1");
        const outcome = await up;
        expect(outcome.code).not.toBe(0);
        expect(stepFailed(outcome, "w2-toolkit"), said(outcome)).toBe(true);
        expect(stepFailed(outcome, "cp1-(prepare|node)"), said(outcome)).toBe(true);
        await stack.useKubeconfig();
        await eventually(60, "those that are left are Ready", () => expectReady(["cp2", "cp3", "w1"]));
    });

    it("they are back: the next up makes what is missing", async () => {
        await lab.heal("cp1");
        await lab.startHost("w2");
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        await expectReady(nodes);
        expect(await membersSeenBy("cp1", STACKED)).toEqual(voters("cp1", "cp2", "cp3"));
        await podsReachEachOther();
    });

    it("a worker that is off keeps a change from nobody else, and gets it when it is back", async () => {
        await lab.kill("w1");
        const outcome = await changed.up();
        expect(outcome.code).not.toBe(0);
        expect(stepFailed(outcome, "w1-prepare"), said(outcome)).toBe(true);
        for (const host of ["cp1", "cp2", "cp3", "w2"]) expect(await maxPods(host), host).toBe("maxPods: 90");

        await lab.startHost("w1");
        const rerun = await changed.up();
        expect(rerun.code, said(rerun)).toBe(0);
        expect(await maxPods("w1")).toBe("maxPods: 90");
        await expectReady(nodes);
    });

    it("a second up changes nothing", async () => {
        const outcome = await changed.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(outcome.stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
    });

    it("is destroyed, and leaves its hosts as they were", async () => {
        const outcome = await changed.destroy();
        expect(outcome.code, said(outcome)).toBe(0);
        const after = await footprints(nodes);
        for (const host of nodes) expect(after[host], host).toEqual(before[host]);
    });
});

describe("hosts of etcd and of the endpoint that do not answer", () => {
    const { etcd } = exampleConfig("external-etcd-dedicated");
    const { loadBalancer } = exampleConfig("haproxy-keepalived");
    const wide = new Stack({ ...config, etcd, loadBalancer });
    const off = ["etcd2", "lb1"];
    beforeAll(() => start([...nodes, "etcd1", "etcd2", "etcd3", "lb1", "lb2"]));

    it("one of each is off: the cluster comes up on the others", async () => {
        for (const host of off) await lab.kill(host);
        const outcome = await wide.up();
        expect(outcome.code).not.toBe(0);
        for (const host of off) expect(stepFailed(outcome, `(etcd-)?${host}-toolkit`), said(outcome)).toBe(true);
        await wide.useKubeconfig();
        await eventually(60, "the nodes are Ready", () => expectReady(nodes));
    });

    it("they are back: the next up makes what is missing", async () => {
        for (const host of off) await lab.startHost(host);
        const outcome = await wide.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await membersSeenBy("etcd2")).toEqual(voters("etcd1", "etcd2", "etcd3"));
        await onHost("lb1", "systemctl is-active haproxy keepalived");
        await expectReady(nodes);
    });
});
