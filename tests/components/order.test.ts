import { beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { clusterArgs, everyKindArgs } from "../unit/fixtures";
import { Recorded, recordResources, settled, waitsFor } from "./mocks";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(args = clusterArgs()): Promise<void> {
    new Cluster("c", args);
    await settled();
}

/** The resources that existed when a step was asked for, while one other resource took long. */
async function before(step: string, long: string): Promise<string[]> {
    recorded = recordResources(undefined, undefined, (name) => name === long);
    await build(everyKindArgs());
    return recorded.find(({ name }) => name === step)!.after;
}

const nodes = (...hosts: string[]): string[] => hosts.map((host) => `c-${host}-node`);
const named = (step: string): string[] =>
    recorded.map(({ name }) => name).filter((name) => name.endsWith(step) && name.startsWith("c-"));

describe("the steps of a cluster", () => {
    it("the barrier waits for every host's preflight, every host's prepare for the barrier", async () => {
        expect(await before("c-checked", "c-w2-preflight")).toEqual(expect.arrayContaining(named("-preflight")));
        expect(named("-preflight")).toHaveLength(10);
        expect(named("-prepare")).toHaveLength(10);
        for (const prepare of named("-prepare")) expect(waitsFor(recorded, prepare), prepare).toContain("c-checked");
    });

    it("every host's node step waits for its prepare", async () => {
        await build(everyKindArgs());
        expect(named("-node")).toHaveLength(10);
        for (const node of named("-node")) {
            expect(waitsFor(recorded, node)).toContain(node.replace(/node$/, "prepare"));
        }
    });

    it("no new control plane node waits for another one", async () => {
        await build();
        for (const node of named("-node").filter((name) => name.startsWith("c-cp"))) {
            const own = node.replace(/node$/, "");
            const others = waitsFor(recorded, node).filter((name) => /^c-cp/.test(name) && !name.startsWith(own));
            // What reads facts and makes claims changes no host.
            expect(others.filter((name) => !/-(preflight|toolkit|claim)$/.test(name))).toEqual([]);
        }
    });

    it("the configuration waits for the steps of all control plane nodes and balancers", async () => {
        await build(everyKindArgs());
        expect(waitsFor(recorded, "c-configuration-apply")).toEqual(
            expect.arrayContaining(nodes("cp1", "cp2", "cp3", "lb-lb1", "lb-lb2")),
        );
    });

    it("every add-on waits for the endpoint, no host does", async () => {
        await build({ ...clusterArgs(), metricsServer: true });
        const objects = recorded.filter(({ type }) => type.startsWith("kubernetes:")).map(({ name }) => name);
        expect(objects.length).toBeGreaterThan(10);
        for (const name of objects) expect(waitsFor(recorded, name), name).toContain("c-endpoint");
        for (const name of nodes("cp1", "w1")) expect(waitsFor(recorded, name)).not.toContain("c-endpoint");
    });

    it("a new worker waits for the configuration, its prepare for no control plane node", async () => {
        await build();
        for (const worker of ["c-w1", "c-w2"]) {
            expect(waitsFor(recorded, `${worker}-node`)).toContain("c-configuration-apply");
            expect(waitsFor(recorded, `${worker}-prepare`).filter((name) => /-node$/.test(name))).toEqual([]);
        }
    });

    it("finish waits for every node, the removal of etcd members for every control plane node", async () => {
        const leaders = nodes("cp1", "cp2", "cp3");
        expect(await before("c-finish", "c-w1-node")).toEqual(
            expect.arrayContaining([...leaders, ...nodes("w1", "w2")]),
        );
        expect(waitsFor(recorded, "c-etcd-members")).toEqual(expect.arrayContaining(leaders));
    });
});
