import { readFileSync } from "fs";
import * as path from "path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CniPlugin } from "../../components/types";
import { CALICO } from "../../components/versions";
import * as lab from "../../lab/api";
import { repoDir } from "../../lab/paths";
import {
    Config,
    devConfig,
    eventually,
    expectReady,
    footprint,
    kubectl,
    podsReachEachOther,
    said,
    Stack,
} from "./stack";
import { writesDuring } from "./writes";

/** What is done to a running cluster, and undone. Meanwhile writes go on through the endpoint. */
export interface Failure {
    what: string;
    inject(): Promise<void>;
    heal(): Promise<void>;
    /** The longest time without an acknowledged write that is right for it. */
    atMostSeconds: number;
}

export interface TopologyTest {
    /** All of its machines. */
    hosts: string[];
    nodes: string[];
    failures: Failure[];
    /** What differs from the example. */
    change?: (config: Config) => Config;
    /** What it needs that is there before it, and the way back; `prepare` may change the configuration. */
    around?: { prepare(stack: Stack): Promise<void>; clear(): Promise<void> };
    /** What is particular to it, once it runs. */
    looks?: (stack: Stack) => void;
}

/** Calico's manifest on the lab's mirror: upstream's, so it is of the checksum that the library pins. */
const CALICO_MANIFEST = { uri: "http://10.88.0.2/manifests/calico-vxlan.yaml", sha256: CALICO.sha256 };

const HOSTS_FILE = path.join(__dirname, "topologies/hosts.yaml");

/** The stack config of an example, with what only the lab needs: its mirror, its keys, its kernel. */
export function exampleConfig(name: string): Config {
    const { config } = parse(readFileSync(path.join(repoDir, `examples/${name}/Pulumi.${name}.yaml`), "utf8"));
    const { ssh, sources, kubeletConfiguration, kubeProxyConfiguration, restrictOomScoreAdj } = devConfig();
    const own: Config = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("pulumi-kubeadm:", ""), value]),
    );
    return {
        ...{ restrictOomScoreAdj },
        ...own,
        ...(own.cni?.plugin === CniPlugin.Calico ? { cni: { ...own.cni, manifest: CALICO_MANIFEST } } : {}),
        ssh: { ...ssh, ...own.ssh },
        sources: { ...sources, etcd: { package: "etcd" }, ...own.sources },
        kubeletConfiguration: { ...kubeletConfiguration, ...own.kubeletConfiguration },
        kubeProxyConfiguration: { ...kubeProxyConfiguration, ...own.kubeProxyConfiguration },
    };
}

/** An example from nothing to `destroy`: one story, each test goes on from the last. */
export function testTopology(
    name: string,
    { hosts, nodes, failures, change = (config) => config, around, looks }: TopologyTest,
): void {
    const stack = new Stack(change(exampleConfig(name)));
    let before: Record<string, Record<string, string>>;
    const footprints = async () =>
        Object.fromEntries(await Promise.all(hosts.map(async (host) => [host, await footprint(host)])));

    describe(name, () => {
        beforeAll(async () => {
            await lab.down();
            await lab.up({ hosts, hostsFile: HOSTS_FILE });
            before = await footprints();
            await around?.prepare(stack);
        });

        it("comes up with every node Ready", async () => {
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            await stack.useKubeconfig();
            await expectReady(nodes);
        });

        it("pods on different nodes reach each other, and services by name", podsReachEachOther);

        it("a second up changes nothing", async () => {
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(outcome.stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
        });

        looks?.(stack);

        it.each(failures)("$what: no acknowledged write is lost", async ({ inject, heal, atMostSeconds }) => {
            const writes = await writesDuring(async () => {
                await inject();
                await new Promise((resolve) => setTimeout(resolve, (atMostSeconds + 5) * 1000));
            });
            await heal();
            expect(writes.lost).toEqual([]);
            expect(writes.acknowledged, "writes before and after").toBeGreaterThan(10);
            expect(writes.longestGapMs, "ms without a write").toBeLessThanOrEqual(atMostSeconds * 1000);
            await eventually(120, "every node is Ready again", () => expectReady(nodes));
        });

        it("is destroyed, and leaves its hosts as they were", async () => {
            // A connection of an apiserver's that a power cut left half open may cost one request more, when its other end is back.
            await eventually(30, "the pods are deleted", () =>
                kubectl("delete", "-f", "tests/e2e/pods.yaml", "--ignore-not-found", "--wait=false"),
            );
            const outcome = await stack.destroy();
            expect(outcome.code, said(outcome)).toBe(0);
            await around?.clear();
            const after = await footprints();
            for (const host of hosts) expect(after[host], host).toEqual(before[host]);
        });
    });
}

/** A machine's power. */
export const powerCut = (host: string, atMostSeconds: number): Failure => ({
    what: `${host} loses its power`,
    inject: () => lab.kill(host),
    heal: () => lab.startHost(host),
    atMostSeconds,
});
