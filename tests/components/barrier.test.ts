import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { KnownClusterArgs } from "../../components/model/cluster";
import { clusterArgs, node } from "../unit/fixtures";
import { assignments, collectRefusals, environmentOf, Recorded, recordResources, settled, stdinOf } from "./mocks";

const refusals = collectRefusals(beforeEach, afterEach);

/** The steps that are taken, and what is said, when preflight finds these machine-ids. */
async function build(ids: Record<string, string>): Promise<{ steps: string[]; said: string }> {
    const recorded = recordResources(
        () => false,
        (name) => (name in ids ? { machineId: ids[name] } : {}),
    );
    new Cluster("c", clusterArgs());
    await settled().catch(() => {});
    return { steps: recorded.map(({ name }) => name), said: refusals.join("\n") };
}

describe("the barrier before the first change", () => {
    it("refuses two machines with one machine-id, names them, and no host is changed", async () => {
        const { steps, said } = await build({ "c-cp2-preflight": "twin", "c-w1-preflight": "twin" });
        expect(said).toContain(
            "machine-id: cp2 and w1 have the same id, twin, expected a unique id on each; no host was changed",
        );
        expect(said).toContain("pulumi up --replace '**-cp2-preflight' --replace '**-w1-preflight'");
        expect(steps.filter((name) => /-(prepare|bootstrap|rollout)$/.test(name))).toEqual([]);
    });

    it("lets machines pass whose machine-ids differ", async () => {
        const { steps, said } = await build({ "c-cp2-preflight": "one", "c-w1-preflight": "another" });
        expect(said).toBe("");
        expect(steps.filter((name) => /-prepare$/.test(name))).toHaveLength(5);
    });
});

/** The steps of a cluster of which SSH does not reach `silent`, with what the others' preflights find. */
async function buildWithout(silent: RegExp, facts: Record<string, object>, changes: Partial<KnownClusterArgs> = {}) {
    const recorded = recordResources(
        (name) => silent.test(name),
        (name) => (facts[name] as Record<string, unknown> | undefined) ?? {},
    );
    new Cluster("c", clusterArgs(changes));
    await settled().catch(() => {});
    return { recorded, steps: recorded.map(({ name }) => name), said: refusals.join("\n") };
}

const peersOf = (recorded: Recorded[], host: string): string | undefined =>
    assignments(stdinOf(recorded, `c-${host}-preflight`)).get("PEERS");

describe("ports of other hosts", () => {
    const unreached = { unreached: ["cp2 6443"] };

    it("that give no answer stop everything", async () => {
        const { steps, said } = await buildWithout(/^$/, { "c-cp1-preflight": unreached });
        expect(said).toContain("from cp1 (192.0.2.11) to cp2 (192.0.2.12): TCP 6443");
        expect(steps.filter((name) => /-(prepare|node)$/.test(name))).toEqual([]);
    });

    it("that the program opens later stop nothing, and neither do those of a check that only warns", async () => {
        const firewall = { firewall: "ufw", nodeNetworks: "192.0.2.0/24" };
        const opened = await buildWithout(/^$/, { "c-cp1-preflight": unreached, "c-cp2-preflight": firewall });
        expect(opened.said).toBe("");
        expect(opened.steps).toContain("c-cp1-prepare");
        const warned = await buildWithout(/^$/, { "c-cp1-preflight": unreached }, { preflight: { warn: ["peers"] } });
        expect(warned.said).toBe("");
        expect(warned.steps).toContain("c-cp1-prepare");
    });

    it("are not tried where SSH does not reach the other host, and that host stops no other", async () => {
        const { recorded, steps } = await buildWithout(/^c-cp2-toolkit$/, { "c-cp1-preflight": unreached });
        expect(peersOf(recorded, "cp1")).toBe("cp3 192.0.2.13 6443 10250 2379 2380");
        expect(steps).toContain("c-cp1-prepare");
        expect(steps).not.toContain("c-cp2-preflight");
    });

    // A host that is off then fails at the copy, which stops no other, and not in its preflight, which would.
    it("of another control plane node call every host that has peers again, and no worker", async () => {
        const before = (await buildWithout(/^$/, {})).recorded;
        const controlPlaneNodes = [...clusterArgs().controlPlaneNodes, node("cp4", 14), node("cp5", 15)];
        const after = (await buildWithout(/^$/, {}, { controlPlaneNodes })).recorded;
        expect(peersOf(after, "cp1")).toContain("cp4 192.0.2.14");
        expect(environmentOf(after, "c-cp1-toolkit")).not.toEqual(environmentOf(before, "c-cp1-toolkit"));
        expect(environmentOf(after, "c-w1-toolkit")).toEqual(environmentOf(before, "c-w1-toolkit"));
        for (const step of ["toolkit", "preflight"]) {
            expect(stdinOf(after, `c-w1-${step}`)).toBe(stdinOf(before, `c-w1-${step}`));
        }
        expect(peersOf(after, "w1")).toBeUndefined();
    });
});

describe("what hosts will download", () => {
    // A worker that is off then fails at the copy, as it does for other peers.
    it("is sent to preflight; another mirror calls workers again, and control plane nodes not", async () => {
        const before = (await buildWithout(/^$/, {})).recorded;
        const sources = { registryMirrors: { "registry.k8s.io": "http://192.0.2.2:5000" } };
        const after = (await buildWithout(/^$/, {}, { sources })).recorded;
        const sent = (host: string) => assignments(stdinOf(after, `c-${host}-preflight`)).get("SOURCES");
        for (const host of ["cp1", "w1"]) expect(sent(host)).toContain("http://192.0.2.2:5000/v2/pause/manifests/");
        expect(environmentOf(after, "c-w1-toolkit")).not.toEqual(environmentOf(before, "c-w1-toolkit"));
        expect(environmentOf(after, "c-cp1-toolkit")).toEqual(environmentOf(before, "c-cp1-toolkit"));
    });
});
