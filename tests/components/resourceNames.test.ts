import * as pulumi from "@pulumi/pulumi";
import { readdirSync } from "fs";
import * as path from "path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { exampleArgs, exampleConfig, exampleNames, EXAMPLES } from "../unit/exampleArgs";
import { PRIVATE_KEY, publicKey } from "../unit/fixtures";
import { assignments, environmentOf, Recorded, recordResources, settled, stdinOf } from "./mocks";

// What an example imports as the package is this checkout.
vi.mock("pulumi-kubeadm", () => import("../../components"));

// Calico's manifest is on a site that tests do not call: these two objects, which this library changes, stand for all of it.
const probe = { exec: { command: ["/bin/calico-node"] } };
const container = { name: "calico-node", env: [], livenessProbe: probe, readinessProbe: probe };
const CALICO = [
    {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "calico-config", namespace: "kube-system" },
        data: { cni_network_config: '"type": "calico-ipam"' },
    },
    {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name: "calico-node", namespace: "kube-system" },
        spec: { template: { spec: { containers: [container] } } },
    },
];
vi.mock("../../components/addons/manifest", () => ({ readManifest: () => Promise.resolve(CALICO) }));

/** The examples that are programs of their own, and need no machines. */
const PROGRAMS = ["own-program", "chart"];

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(config: Record<string, object>): Promise<void> {
    new Cluster("cluster", exampleArgs(config));
    await settled();
}

const namesAndTypes = (): string =>
    recorded
        .map(({ type, name }) => `${type} ${name}\n`)
        .sort()
        .join("");

/** A live cluster's resources are found by type and name: another one is a replacement, which the golden files show. */
describe("the types and names of an example's resources", () => {
    it.each(exampleNames)("%s", async (name) => {
        await build(exampleConfig(name));
        await expect(namesAndTypes()).toMatchFileSnapshot(`../golden/resources/${name}.txt`);
    });

    it.each(PROGRAMS)("%s", async (name) => {
        const hostKeys = [11, 12, 13, 21].map((last, i) => [
            `${["cp1", "cp2", "cp3", "w1"][i]}HostKey`,
            publicKey(last),
        ]);
        const values = { privateKey: PRIVATE_KEY, nfsServer: "192.0.2.9", nfsShare: "/volumes" };
        for (const [key, value] of [...hostKeys, ...Object.entries(values)]) {
            pulumi.runtime.setConfig(`pulumi-kubeadm:${key}`, value);
        }
        await import(path.join(EXAMPLES, name, "index.ts"));
        await settled();
        await expect(namesAndTypes()).toMatchFileSnapshot(`../golden/resources/${name}.txt`);
        if (name !== "chart") return;
        // What is made after the whole cluster is deleted before it.
        const { dependencies } = recorded.find((one) => one.name === "kubernetes")!;
        expect(dependencies).toEqual(
            expect.arrayContaining(["cluster-finish", "cluster-w1-node", "cluster-cp1-claim"]),
        );
        expect(recorded.find((one) => one.name === "csi-nfs")!.after).toContain("cluster-finish");
    });

    it("are golden files of examples that there are", () => {
        const files = readdirSync(path.join(__dirname, "../golden/resources")).sort();
        expect(files).toEqual([...exampleNames, ...PROGRAMS].map((name) => `${name}.txt`).sort());
    });
});

/**
 * The keys of a step's head and of its parameters, and those of a step's input within them. No value: some are secrets, and
 * others have golden files of their own.
 */
const parameterNames = (text: string): string[] =>
    [...assignments(text)].flatMap(([name, value]) => [
        name,
        ...(/^(STDIN|HOST_1)$/.test(name) ? parameterNames(value).map((key) => `  ${key}`) : []),
    ]);

/** Each step's, of the first host of each kind. */
function parametersOfSteps(): string {
    const steps = recorded.filter(({ inputs, name }) => inputs.stdin !== undefined && !/-[a-z]+[2-9]-/.test(name));
    const text = ({ name }: Recorded) => {
        const variables = Object.keys(environmentOf(recorded, name)).map((key) => `${key} (environment)`);
        return [
            name,
            ...[...variables, ...parameterNames(stdinOf(recorded, name))].map((key) => `    ${key}`),
            "",
        ].join("\n");
    };
    return steps.map(text).sort().join("\n");
}

describe("the parameters that each step gets, by name", () => {
    it("of a cluster with etcd and balancers on hosts of their own, and of one with stacked etcd", async () => {
        const { etcd } = exampleConfig("external-etcd-dedicated");
        const { loadBalancer } = exampleConfig("haproxy-keepalived");
        await build({ ...exampleConfig("stacked"), etcd, loadBalancer });
        const dedicated = parametersOfSteps();
        recorded = recordResources();
        await build(exampleConfig("stacked"));
        const text = `# hosts of their own\n\n${dedicated}\n# stacked\n\n${parametersOfSteps()}`;
        await expect(text).toMatchFileSnapshot("../golden/parameters.txt");
    });
});
