import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { clusterArgs } from "../unit/fixtures";
import { collectRefusals, recordResources, settled } from "./mocks";

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
