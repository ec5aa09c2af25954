import { describe, expect, it } from "vitest";
import { Cluster, ClusterArgs, EtcdCluster, OnRemoval } from "../../components";
import { PRIVATE_KEY, clusterArgs, node } from "../unit/fixtures";
import { recordResources, settled } from "./mocks";

/** The hosts whose claim does something when it is deleted. */
async function released(create: () => unknown): Promise<string[]> {
    const recorded = recordResources();
    create();
    await settled();
    return recorded
        .filter(({ name, inputs }) => name.endsWith("-claim") && inputs.delete)
        .map(({ name }) => name)
        .sort();
}

const cluster = (args: ClusterArgs) => released(() => new Cluster("c", args));

describe("a host that leaves the program", () => {
    it("is released by default", async () => {
        expect(await cluster(clusterArgs())).toEqual(
            ["cp1", "cp2", "cp3", "w1", "w2"].map((name) => `c-${name}-claim`),
        );
    });

    it("is left as it is where the cluster says so, and a host may say otherwise", async () => {
        const workerNodes = [node("w1", 21), { ...node("w2", 22), onRemoval: OnRemoval.Release }];
        expect(await cluster(clusterArgs({ onRemoval: OnRemoval.Keep, workerNodes }))).toEqual(["c-w2-claim"]);
    });

    it("is left as it is in an etcd cluster of its own too", async () => {
        const args = { ssh: { privateKey: PRIVATE_KEY }, members: [node("e1", 31)], onRemoval: OnRemoval.Keep };
        expect(await released(() => new EtcdCluster("e", args))).toEqual([]);
    });
});

describe("a worker's claim", () => {
    const triggers = async (changes: object): Promise<unknown> => {
        const recorded = recordResources();
        new Cluster("c", clusterArgs({ workerNodes: [{ ...node("w1", 21), ...changes }] }));
        await settled();
        return recorded.find(({ name }) => name === "c-w1-claim")!.inputs.triggers;
    };

    it("is another one at another address, and the same with another host key or login", async () => {
        const made = await triggers({});
        expect(await triggers({ hostKey: node("w2", 22).hostKey, user: "admin", port: 2222 })).toEqual(made);
        expect(await triggers({ address: "192.0.2.99", privateAddress: "192.0.2.21" })).not.toEqual(made);
    });
});
