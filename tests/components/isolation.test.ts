import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { KnownClusterArgs } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { clusterArgs, dedicatedArgs, node } from "../unit/fixtures";
import { allLive, collectRefusals, Recorded, recordResources, settled, stdinOf } from "./mocks";

const refused = collectRefusals(beforeEach, afterEach);

let recorded: Recorded[];
let cluster: Cluster;

/** The steps that were made when these could not be. */
async function without(
    failing: RegExp,
    changes: Partial<KnownClusterArgs> = {},
    facts?: Parameters<typeof recordResources>[1],
): Promise<string[]> {
    refused.length = 0;
    recorded = recordResources((name) => failing.test(name), facts);
    cluster = new Cluster("c", clusterArgs(changes));
    await settled().catch(() => {});
    expect(refused.join("\n")).toMatch(failing);
    return recorded.map(({ name }) => name.replace("c-", ""));
}

const ETCD = { topology: EtcdTopology.External, hosts: [node("e1", 31), node("e2", 32), node("e3", 33)] };
const steps = (kind: string, ...names: string[]): string[] => names.map((name) => `${name}-${kind}`);
const isKnown = async (): Promise<boolean> =>
    Promise.race([
        new Promise<boolean>((resolve) => cluster.kubeconfig.apply(() => resolve(true))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 100)),
    ]);

describe("with --continue-on-error, a host that fails takes no other along", () => {
    it("a control plane node that does not come up, the first included: the next one does the cluster's steps", async () => {
        const made = await without(/cp1-node/);
        expect(made).toEqual(expect.arrayContaining(steps("node", "cp2", "cp3", "w1", "w2")));
        expect(stdinOf(recorded, "c-configuration-apply")).toContain("NODE_NAME='cp2'");
        const apply = recorded.find(({ name }) => name === "c-configuration-apply")!;
        expect(JSON.stringify(apply.inputs.connection)).toContain('"host":"192.0.2.12"');
        expect(made).not.toContain("finish");
        expect(await isKnown()).toBe(true);
    });

    it("a host that SSH does not reach", async () => {
        const made = await without(/w1-toolkit/);
        expect(made).toEqual(expect.arrayContaining(steps("node", "cp1", "cp2", "cp3", "w2")));
        expect(made).not.toContain("w1-prepare");
    });

    it("a member of an etcd on hosts of its own", async () => {
        const made = await without(/etcd-e1-node/, { etcd: ETCD });
        expect(made).toEqual(
            expect.arrayContaining([...steps("node", "etcd-e2", "etcd-e3", "cp1", "cp2", "cp3"), "w2-node"]),
        );
        expect(made).not.toContain("etcd-members");
    });
});

describe("what concerns all of them stops all of them", () => {
    it.each([
        ["no control plane node comes up", /cp\d-node/, {}],
        ["no member of etcd comes up", /etcd-e\d-node/, { etcd: ETCD }],
        ["the one balancer does not come up", /lb1-prepare/, { loadBalancer: dedicatedArgs().loadBalancer }],
    ])("%s: nothing is done to the cluster", async (_, failing, changes) => {
        const made = await without(failing, changes);
        expect(made).not.toContain("configuration-apply");
        expect(made).not.toContain("w1-node");
    });

    it("a host that answers and is not fit: no host is changed", async () => {
        await without(/w1-preflight/);
        const commands = recorded.filter(({ type }) => type === "command:remote:Command").map(({ name }) => name);
        expect(commands.sort()).toEqual(["cp1", "cp2", "cp3", "w2"].map((host) => `c-${host}-preflight`));
    });

    it("a change that failed on a node is tried on no other", async () => {
        const made = await without(/cp2-node/, {}, allLive);
        expect(made).toContain("cp1-node");
        for (const step of ["cp3-node", "configuration-apply", "w1-node"]) expect(made).not.toContain(step);
        expect(await isKnown()).toBe(true);
    });
});
