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

const rollouts = (...hosts: string[]): string[] => hosts.map((host) => `c-${host}-rollout`);
const named = (step: string): string[] =>
    recorded.map(({ name }) => name).filter((name) => name.endsWith(step) && name.startsWith("c-"));

describe("the steps of a cluster", () => {
    it("every host's prepare waits for every host's preflight and for the barrier", async () => {
        await build(everyKindArgs());
        const checks = [...named("-preflight"), "c-checked"];
        expect(checks).toHaveLength(11);
        expect(named("-prepare")).toHaveLength(10);
        for (const prepare of named("-prepare")) {
            expect(waitsFor(recorded, prepare), prepare).toEqual(expect.arrayContaining(checks));
        }
    });

    it("every host's bootstrap waits for its prepare, every rollout for its bootstrap", async () => {
        await build(everyKindArgs());
        const hosts = ["cp1", "cp2", "cp3", "w1", "w2", "etcd-e1", "etcd-e2", "etcd-e3"].map((host) => `c-${host}`);
        for (const host of hosts) {
            expect(waitsFor(recorded, `${host}-bootstrap`)).toContain(`${host}-prepare`);
            expect(waitsFor(recorded, `${host}-rollout`)).toContain(`${host}-bootstrap`);
        }
    });

    it("no control plane node's bootstrap waits for another control plane node", async () => {
        await build();
        for (const bootstrap of named("-bootstrap").filter((name) => name.startsWith("c-cp"))) {
            const own = bootstrap.replace(/bootstrap$/, "");
            const others = waitsFor(recorded, bootstrap).filter((name) => /^c-cp/.test(name) && !name.startsWith(own));
            // What reads facts and makes claims changes no host.
            expect(others.filter((name) => !/-(preflight|toolkit|reset)$/.test(name))).toEqual([]);
        }
    });

    it("the configuration waits for the rollouts of all control plane nodes and balancers", async () => {
        await build(everyKindArgs());
        expect(waitsFor(recorded, "c-configuration-apply")).toEqual(
            expect.arrayContaining(rollouts("cp1", "cp2", "cp3", "lb-lb1", "lb-lb2")),
        );
    });

    it("a worker's bootstrap waits for the configuration, its prepare for no control plane node", async () => {
        await build();
        for (const worker of ["c-w1", "c-w2"]) {
            expect(waitsFor(recorded, `${worker}-bootstrap`)).toContain("c-configuration-apply");
            expect(waitsFor(recorded, `${worker}-prepare`).filter((name) => /-bootstrap$/.test(name))).toEqual([]);
        }
    });

    it("finish waits for every node's rollout, the removal of etcd members for every control plane node's", async () => {
        await build(everyKindArgs());
        const leaders = rollouts("cp1", "cp2", "cp3");
        expect(waitsFor(recorded, "c-finish")).toEqual(expect.arrayContaining([...leaders, ...rollouts("w1", "w2")]));
        expect(waitsFor(recorded, "c-etcd-members")).toEqual(expect.arrayContaining(leaders));
    });
});
