import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster, ClusterArgs, EtcdCluster } from "../../components";
import { PRIVATE_KEY, clusterArgs, everyKindArgs, node } from "../unit/fixtures";
import { collectRefusals, membersAsked, Recorded, recordResources, settled, stdinOf } from "./mocks";

const refused = collectRefusals(beforeEach, afterEach);

async function cluster(args: ClusterArgs, ...mocks: Parameters<typeof recordResources>): Promise<Recorded[]> {
    const recorded = recordResources(...mocks);
    new Cluster("c", args);
    await settled().catch(() => {});
    return recorded;
}

const asked = (recorded: Recorded[], name = "c-formation") =>
    membersAsked(recorded.find((resource) => resource.name === name)!.inputs);
const names = (members: { name?: unknown }[]) => members.map(({ name }) => name);

describe("the formation of an etcd cluster", () => {
    it("asks each control plane node, once, and is protected", async () => {
        const recorded = await cluster(clusterArgs());
        const { address, hostKey } = node("cp1", 11);
        expect(asked(recorded)[0]).toEqual({
            ...{ name: "cp1", address, hostKey, machineId: "id-of-cp1", claim: "output-of-c-cp1-claim" },
            etcdRan: false,
        });
        expect(names(asked(recorded))).toEqual(["cp1", "cp2", "cp3"]);
        const { protect, inputs } = recorded.find(({ name }) => name === "c-formation")!;
        expect(protect).toBe(true);
        expect(inputs.update).toBeUndefined();
        expect(inputs.delete).toBeUndefined();
    });

    it("waits for the barrier, and every bootstrap of a member waits for it", async () => {
        const recorded = await cluster(clusterArgs());
        const of = (name: string) => recorded.find((resource) => resource.name === name)!.dependencies;
        expect(of("c-formation")).toContain("c-checked");
        for (const cp of ["cp1", "cp2", "cp3"]) expect(of(`c-${cp}-node`)).toContain("c-formation");
        expect(of("c-w1-node")).not.toContain("c-formation");
    });

    it("tells a founding member's bootstrap the machine-id and the founders, and nobody else's", async () => {
        const recorded = await cluster(clusterArgs());
        expect(stdinOf(recorded, "c-cp2-node")).toContain(
            "FOUNDER='id-of-cp2'\nFOUNDERS=(\n'cp1=192.0.2.11'\n'cp2=192.0.2.12'\n'cp3=192.0.2.13'\n)\n",
        );
        expect(stdinOf(recorded, "c-w1-node")).not.toContain("FOUNDER");
    });

    it("knows only the very machines that it recorded: one with another claim, address or host key is no founder", async () => {
        const { hostKey } = node("cp1", 11);
        const was = (last: number, claim: string, key = node("x", last).hostKey) => ({
            ...{ name: `cp${last - 10}`, address: `192.0.2.${last}`, hostKey: key, machineId: "m", claim },
        });
        const members = [
            was(11, "output-of-c-cp1-claim"),
            was(12, "of-a-former-resource"),
            was(13, "output-of-c-cp3-claim", hostKey),
        ];
        const recorded = await cluster(clusterArgs(), undefined, (name) => (name === "c-formation" ? { members } : {}));
        expect(stdinOf(recorded, "c-cp1-node")).toContain("FOUNDER='m'\n");
        for (const other of ["cp2", "cp3"]) expect(stdinOf(recorded, `c-${other}-node`)).not.toContain("FOUNDER");
    });

    it("leaves out a machine that SSH does not reach: it joins later", async () => {
        const recorded = await cluster(clusterArgs(), (name) => name === "c-cp3-toolkit");
        expect(refused.join("\n")).toContain("c-cp3-toolkit cannot be made");
        expect(names(asked(recorded))).toEqual(["cp1", "cp2"]);
    });

    it("has no founder where etcd has run on a declared machine", async () => {
        const member = { name: "cp1", address: "192.0.2.11", hostKey: node("cp1", 11).hostKey, machineId: "m" };
        const claim = "output-of-c-cp1-claim";
        const members = [
            { ...member, claim, etcdRan: false },
            { name: "cp2", etcdRan: true },
        ];
        const recorded = await cluster(clusterArgs(), undefined, () => ({ members }));
        expect(stdinOf(recorded, "c-cp1-node")).not.toContain("FOUNDER");
    });

    it("is of etcd's own hosts where it has some, within a cluster and alone", async () => {
        const within = await cluster(everyKindArgs());
        expect(names(asked(within, "c-etcd-formation"))).toEqual(["e1", "e2", "e3"]);
        expect(within.filter(({ name }) => name.endsWith("-formation"))).toHaveLength(1);
        expect(stdinOf(within, "c-etcd-e1-node")).toContain("FOUNDER='id-of-e1'");

        const recorded = recordResources();
        new EtcdCluster("e", { ssh: { privateKey: PRIVATE_KEY }, members: [node("m1", 31)] });
        await settled();
        expect(names(asked(recorded, "e-formation"))).toEqual(["m1"]);
    });
});

describe("what Pulumi neither deletes nor replaces", () => {
    it("are the CAs, their keys, the service account key and the formation", async () => {
        const recorded = await cluster(clusterArgs());
        expect(names(recorded.filter(({ protect }) => protect)).sort()).toEqual([
            "c-formation",
            "c-pki-ca",
            "c-pki-ca-key",
            "c-pki-etcd-ca",
            "c-pki-etcd-ca-key",
            "c-pki-front-proxy-ca",
            "c-pki-front-proxy-ca-key",
            "c-pki-sa",
        ]);
    });
});
