import { beforeEach, describe, expect, it, vi } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { MEMBERSHIP } from "../../components/etcd/memberParameters";
import { PARAMETERS, SENT } from "../../tools/scriptParameters";
import { exampleArgs, exampleConfig, exampleNames } from "../unit/exampleArgs";
import { PRIVATE_KEY, node } from "../unit/fixtures";
import { Recorded, parametersIn, recordResources, settled, unwrapSecret } from "./mocks";

vi.mock("../../components/addons/manifest", () => ({ readManifest: () => Promise.resolve([]) }));

let recorded: Recorded[];
beforeEach(() => (recorded = recordResources()));

type Sent = Map<string, string | string[]>;

interface Input {
    resource: string;
    phase: string;
    sent: Sent;
}

const ofCommand = (resource: string, command: string, sent: Sent): Input[] => {
    const phase = /run\.sh (\S+) create$/.exec(command)?.[1];
    return phase === undefined ? [] : [{ resource, phase, sent }];
};

/** The input of each phase that runs on a host, that of a formation's question among them. */
const inputs = (): Input[] =>
    recorded
        .filter(({ inputs: { stdin, create } }) => stdin !== undefined && create !== undefined)
        .flatMap(({ name, inputs: { stdin, create } }) => {
            const sent = parametersIn(String(unwrapSecret(stdin).value));
            const asked = [...sent]
                .filter(([key]) => key.startsWith("HOST_"))
                .map(([, text]) => parametersIn(String(text)))
                .flatMap((host) => ofCommand(name, String(host.get("RUN")), parametersIn(String(host.get("STDIN")))));
            return [...ofCommand(name, String(create), sent), ...asked];
        });

/** The tables of which such a step must be sent all that has no default. */
function tablesOf({ phase, sent }: Input): string[] {
    const parts =
        phase === "prepare" ? [sent.get("LOAD_BALANCER") ?? [], sent.get("NODE_LOCAL_PROXY") ?? []].flat() : [];

    return [
        ...["head", phase, `${phase}/${String(sent.get("ROLE"))}`],
        ...[`etcd/${String(sent.get("ETCD_RUNTIME"))}`, ...parts.map((part) => `part/${part}`)],
    ].filter((key) => key in SENT);
}

/** Checks all steps. Returns the tables that were looked at. */
function check(): string[] {
    const steps = inputs();
    const membersOnControlPlane = steps.some(
        ({ phase, sent }) => phase === "prepare" && sent.get("ROLE") === "control-plane" && sent.has("ETCD_NAME"),
    );
    return steps.flatMap((step) => {
        for (const [name, value] of step.sent) {
            expect(Object.keys(PARAMETERS), step.resource).toContain(name);
            expect(Array.isArray(value), `${step.resource} ${name}`).toBe(PARAMETERS[name].kind === "list");
        }
        if (membersOnControlPlane && ["cluster", "finish"].includes(step.phase)) {
            expect([...step.sent.keys()], step.resource).toEqual(expect.arrayContaining(Object.keys(MEMBERSHIP)));
        }
        const tables = tablesOf(step);
        for (const key of tables) {
            const needed = Object.keys(SENT[key]).filter((name) => SENT[key][name].default === undefined);
            expect(
                needed.filter((name) => !step.sent.has(name)),
                `${step.resource}, ${key}`,
            ).toEqual([]);
        }
        return tables;
    });
}

const staticPods = (config: Record<string, object>) => ({ ...config, etcd: { ...config.etcd, runtime: "staticPod" } });

describe("the parameters that steps are sent", () => {
    const seen = new Set<string>();
    const configs: [string, Record<string, object>][] = [
        ...exampleNames.map((name): [string, Record<string, object>] => [name, exampleConfig(name)]),
        ["static pods, dedicated", staticPods(exampleConfig("external-etcd-dedicated"))],
        ["static pods, colocated", staticPods(exampleConfig("external-etcd-colocated"))],
    ];

    it.each(configs)("are declared and of their kind, and none is missing: %s", async (_, config) => {
        new Cluster("cluster", exampleArgs(config));
        await settled();
        check().forEach((table) => seen.add(table));
    });

    it("are the same for an etcd cluster of its own", async () => {
        const members = [31, 32, 33].map((last) => node(`e${last}`, last));
        new EtcdCluster("etcd", { ssh: { user: "ops", privateKey: PRIVATE_KEY }, members });
        await settled();
        check().forEach((table) => seen.add(table));
    });

    it("are of every phase, role, etcd and load balancer", () => {
        expect([...seen].sort()).toEqual(Object.keys(SENT).sort());
    });
});
