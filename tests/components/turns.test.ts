import { beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { CniPlugin } from "../../components/model/cni";
import { clusterArgs, everyKindArgs, node } from "../unit/fixtures";
import { allLive, PREPARED_AT, Recorded, recordResources, settled, unwrapSecret, waitsFor } from "./mocks";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources(undefined, allLive);
});

async function build(args = clusterArgs()): Promise<void> {
    new Cluster("c", args);
    await settled();
}

/** For each of these steps, which others of them it waits for. */
function order(...steps: string[]): Record<string, string[]> {
    const names = steps.map((step) => `c-${step}`);
    return Object.fromEntries(
        names.map((name, i) => [
            steps[i],
            waitsFor(recorded, name)
                .filter((before) => names.includes(before))
                .map((before) => before.slice("c-".length)),
        ]),
    );
}

const changes = (...hosts: string[]): string[] => hosts.map((host) => `${host}-node`);

describe("the node step of every host", () => {
    it("has the output of its prepare in its input, so that it runs again whenever that did", async () => {
        await build(everyKindArgs());
        const steps = recorded.filter(({ name }) => /-node$/.test(name));
        expect(steps.length).toBeGreaterThan(6);
        for (const { name, inputs } of steps) {
            expect(unwrapSecret(inputs.stdin).value, name).toContain(`PREPARED='live ${PREPARED_AT}'\n`);
        }
    });
});

describe("the change of a live", () => {
    it("control plane node waits for those of the control plane nodes before it in the list", async () => {
        await build();
        expect(order(...changes("cp1", "cp2", "cp3"))).toEqual({
            "cp1-node": [],
            "cp2-node": changes("cp1"),
            "cp3-node": changes("cp1", "cp2"),
        });
    });

    it("load balancer's host waits for that of the host before it in the list", async () => {
        await build(everyKindArgs());
        expect(order(...changes("lb-lb1", "lb-lb2"))).toEqual({
            "lb-lb1-node": [],
            "lb-lb2-node": changes("lb-lb1"),
        });
    });

    it("etcd member waits for those of the members before it, and control plane nodes wait for all members", async () => {
        await build(everyKindArgs());
        expect(order(...changes("etcd-e1", "etcd-e2", "etcd-e3", "cp1"))).toEqual({
            "etcd-e1-node": [],
            "etcd-e2-node": changes("etcd-e1"),
            "etcd-e3-node": changes("etcd-e1", "etcd-e2"),
            "cp1-node": changes("etcd-e1", "etcd-e2", "etcd-e3"),
        });
    });

    it("member of an etcd cluster of its own waits for those of the members before it", async () => {
        new EtcdCluster("c", { ssh: clusterArgs().ssh, members: [node("e1", 31), node("e2", 32), node("e3", 33)] });
        await settled();
        expect(order(...changes("e1", "e2", "e3"))).toEqual({
            "e1-node": [],
            "e2-node": changes("e1"),
            "e3-node": changes("e1", "e2"),
        });
    });
});

describe("the changes of live workers", () => {
    const workerNodes = [1, 2, 3, 4, 5].map((i) => node(`w${i}`, 20 + i));
    const workers = changes("w1", "w2", "w3", "w4", "w5");

    it("go one after the other by default", async () => {
        await build(clusterArgs({ workerNodes }));
        expect(order(...workers)).toEqual(
            Object.fromEntries(workers.map((worker, i) => [worker, workers.slice(0, i)])),
        );
    });

    it.each([CniPlugin.Flannel, CniPlugin.None])(
        "begin after the control plane's, with the CNI plugin %s",
        async (plugin) => {
            await build(clusterArgs({ workerNodes, cni: { plugin } }));
            expect(waitsFor(recorded, "c-w1-node")).toEqual(
                expect.arrayContaining([
                    "c-configuration-apply",
                    ...changes("cp1", "cp2", "cp3").map((name) => `c-${name}`),
                ]),
            );
        },
    );

    it("go two at a time with maxUnavailable 2: each waits for the second one before it", async () => {
        await build(clusterArgs({ workerNodes, maxUnavailable: "2" }));
        expect(order(...workers)).toEqual({
            "w1-node": [],
            "w2-node": [],
            "w3-node": changes("w1"),
            "w4-node": changes("w2"),
            "w5-node": changes("w1", "w3"),
        });
    });

    it("go by a percentage of the workers, rounded down", async () => {
        await build(clusterArgs({ workerNodes, maxUnavailable: "50%" }));
        expect(order(...workers)["w4-node"]).toEqual(changes("w2"));
    });
});
