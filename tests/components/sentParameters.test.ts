import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { PARAMETERS, SENT } from "../../tools/scriptParameters";
import { exampleArgs, exampleConfig, exampleNames } from "../unit/exampleArgs";
import { assignments, Recorded, recordResources, settled, unwrapSecret } from "./mocks";

vi.mock("../../components/addons/manifest", () => ({ readManifest: () => Promise.resolve([]) }));

let recorded: Recorded[];
beforeEach(() => (recorded = recordResources()));
afterEach(() => vi.restoreAllMocks());

/** The input of each phase that runs on a host, the question of a formation among them. */
const inputs = (): { phase: string; sent: Map<string, string>; name: string }[] =>
    recorded
        .filter(({ inputs: { stdin, create } }) => stdin !== undefined && create !== undefined)
        .flatMap(({ name, inputs: { stdin, create } }) => {
            const values = assignments(String(unwrapSecret(stdin).value));
            const asked = [...values].filter(([key]) => key.startsWith("HOST_")).map(([, host]) => assignments(host));
            const steps = [
                { run: String(create), sent: values },
                ...asked.map((host) => ({ run: host.get("RUN")!, sent: assignments(host.get("STDIN")!) })),
            ];
            return steps.flatMap(({ run, sent }) => {
                const phase = /run\.sh (\S+) create$/.exec(run)?.[1];
                return phase === undefined ? [] : [{ name, phase, sent }];
            });
        });

describe("the parameters that a step is sent are declared, and none that it needs is missing", () => {
    it.each(exampleNames)("%s", async (example) => {
        new Cluster("cluster", exampleArgs(exampleConfig(example)));
        await settled();
        const steps = inputs();
        expect(steps.length).toBeGreaterThan(4);
        for (const { name, phase, sent } of steps) {
            const undeclared = [...sent.keys()].filter((key) => !(key in PARAMETERS));
            expect(undeclared, name).toEqual([]);
            const needed = { ...SENT.head, ...SENT[phase], ...SENT[`${phase}/${sent.get("ROLE")}`] };
            const missing = Object.keys(needed).filter((key) => needed[key].default === undefined && !sent.has(key));
            expect(missing, name).toEqual([]);
        }
    });
});
