import * as path from "path";
import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { exampleConfig } from "./example";
import { expectReady, podsReachEachOther } from "./looks";
import { Footprint, footprints } from "./footprint";
import { Config, eventually, kubectl, onHost, said, Stack } from "./stack";
import { expectWritesDuring } from "./writes";

/** What is done to a running cluster, and undone. Meanwhile writes go on through the endpoint. */
export interface Failure {
    what: string;
    inject: () => Promise<void>;
    heal: () => Promise<void>;
    /** The longest time without an acknowledged write that is right for it. */
    atMostSeconds: number;
}

export interface TopologyTest {
    /** What it is called, where an example is tested more than once. @default the example's name */
    title?: string;
    /** Of tests/e2e/topologies. @default "hosts.yaml" */
    hostsFile?: string;
    /** All of its machines. */
    hosts: string[];
    nodes: string[];
    failures: Failure[];
    /** Whether it runs images besides the usual ones. @default "core" */
    images?: "core" | "all";
    /** What differs from the example. */
    change?: (config: Config) => Config;
    /** Makes what must be there before it, somebody else's; may change the configuration. */
    prepare?: (stack: Stack) => Promise<void>;
    /** Runs that are refused before it comes up. */
    beforehand?: (stack: Stack) => void;
    /** What is particular to it, once it runs. */
    looks?: (stack: Stack) => void;
    /** Its last changes, after the failures. */
    changes?: (stack: Stack) => void;
}

/** An example from nothing to `destroy`: one story, each test goes on from the last. */
export function testTopology(
    name: string,
    {
        title = name,
        hostsFile = "hosts.yaml",
        hosts,
        nodes,
        images,
        failures,
        change = (config) => config,
        prepare,
        beforehand,
        looks,
        changes,
    }: TopologyTest,
): void {
    const stack = new Stack(change(exampleConfig(name)));
    let before: Record<string, Footprint>;

    describe(title, () => {
        beforeAll(async () => {
            await lab.down();
            await lab.up({ hosts, hostsFile: path.join(__dirname, "topologies", hostsFile), images });
            await prepare?.(stack);
            before = await footprints(hosts);
        });

        beforehand?.(stack);

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
            try {
                await expectWritesDuring(atMostSeconds, async () => {
                    await inject();
                    await new Promise((resolve) => setTimeout(resolve, (atMostSeconds + 5) * 1000));
                });
            } finally {
                await heal();
            }
            await eventually(120, "every node is Ready again", () => expectReady(nodes));
        });

        changes?.(stack);

        it("is destroyed, and leaves its hosts as they were", async () => {
            // A connection of an apiserver's that a power cut left half open may cost one request more, when its other end is back.
            await eventually(30, "the pods are deleted", () =>
                kubectl("delete", "-f", "tests/e2e/pods.yaml", "--ignore-not-found", "--wait=false"),
            );
            const outcome = await stack.destroy();
            expect(outcome.code, said(outcome)).toBe(0);
            const after = await footprints(hosts);
            for (const host of hosts) expect(after[host], host).toEqual(before[host]);
        });
    });
}

/** A machine's power. */
export const powerCut = (host: string, atMostSeconds: number): Failure => ({
    what: `${host} loses its power`,
    inject: () => lab.kill(host),
    heal: () => powerOn(host),
    atMostSeconds,
});

/**
 * Starts a host. On a control plane node it waits for kube-apiserver, whose /readyz asks etcd: a Node that was away for less
 * than 40 s never became NotReady, and the next failure must not take a second etcd member.
 */
export async function powerOn(host: string): Promise<void> {
    await lab.startHost(host);
    await eventually(120, `${host}'s kube-apiserver is ready again`, () =>
        onHost(
            host,
            "[ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || " +
                "curl --silent --fail --insecure --max-time 5 https://localhost:6443/readyz",
        ),
    );
}
