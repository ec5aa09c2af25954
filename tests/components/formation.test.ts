import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster, ClusterArgs, EtcdCluster } from "../../components";
import { clusterArgs, everyKindArgs, node } from "../unit/fixtures";
import { collectRefusals, Recorded, recordResources, settled, stdinOf } from "./mocks";

const refused = collectRefusals(beforeEach, afterEach);

async function cluster(args: ClusterArgs, ...mocks: Parameters<typeof recordResources>): Promise<Recorded[]> {
    const recorded = recordResources(...mocks);
    new Cluster("c", args);
    await settled().catch(() => {});
    return recorded;
}

const founders = (recorded: Recorded[], name = "c-formation"): { name: string }[] =>
    recorded.find((resource) => resource.name === name)!.inputs.input;
const names = (members: { name: string }[]) => members.map(({ name }) => name);

describe("the formation of an etcd cluster", () => {
    it("records each control plane machine by all that tells it from another, and is protected", async () => {
        const recorded = await cluster(clusterArgs());
        const { address, hostKey } = node("cp1", 11);
        expect(founders(recorded)[0]).toEqual({
            ...{ name: "cp1", address, hostKey, machineId: "c-cp1-preflight", claim: "output-of-c-cp1-claim" },
        });
        expect(names(founders(recorded))).toEqual(["cp1", "cp2", "cp3"]);
        expect(recorded.find(({ name }) => name === "c-formation")!.protect).toBe(true);
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
            "FOUNDER='c-cp2-preflight'\nFOUNDERS='cp1=192.0.2.11 cp2=192.0.2.12 cp3=192.0.2.13'\n",
        );
        expect(stdinOf(recorded, "c-w1-node")).not.toContain("FOUNDER");
    });

    it("knows only the very machines that it recorded: one with another claim, address or host key is no founder", async () => {
        const { hostKey } = node("cp1", 11);
        const was = (last: number, claim: string, key = node("x", last).hostKey) => ({
            ...{ name: `cp${last - 10}`, address: `192.0.2.${last}`, hostKey: key, machineId: "m", claim },
        });
        const output = [
            was(11, "output-of-c-cp1-claim"),
            was(12, "of-a-former-resource"),
            was(13, "output-of-c-cp3-claim", hostKey),
        ];
        const recorded = await cluster(clusterArgs(), undefined, (name) => (name === "c-formation" ? { output } : {}));
        expect(stdinOf(recorded, "c-cp1-node")).toContain("FOUNDER='m'\n");
        for (const other of ["cp2", "cp3"]) expect(stdinOf(recorded, `c-${other}-node`)).not.toContain("FOUNDER");
    });

    it("leaves out a machine that SSH does not reach: it joins later", async () => {
        const recorded = await cluster(clusterArgs(), (name) => name === "c-cp3-toolkit");
        expect(refused.join("\n")).toContain("c-cp3-toolkit cannot be made");
        expect(names(founders(recorded))).toEqual(["cp1", "cp2"]);
    });

    it("has no founder where etcd ran on a declared machine before there was a record", async () => {
        const facts = (name: string) => (name === "c-cp2-preflight" ? { etcdRan: true } : {});
        const recorded = await cluster(clusterArgs(), undefined, facts);
        expect(founders(recorded)).toEqual([]);
        expect(stdinOf(recorded, "c-cp1-node")).not.toContain("FOUNDER");
    });

    it("is of etcd's own hosts where it has some, within a cluster and alone", async () => {
        const within = await cluster(everyKindArgs());
        expect(names(founders(within, "c-etcd-formation"))).toEqual(["e1", "e2", "e3"]);
        expect(within.filter(({ name }) => name.endsWith("-formation"))).toHaveLength(1);
        expect(stdinOf(within, "c-etcd-e1-node")).toContain("FOUNDER='c-e1-preflight'");

        const recorded = recordResources();
        new EtcdCluster("e", { ssh: { privateKey: "KEY" }, members: [node("m1", 31)] });
        await settled();
        expect(names(founders(recorded, "e-formation"))).toEqual(["m1"]);
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
