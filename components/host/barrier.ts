import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { ifProduced, untracked } from "../lib/outputs";
import { HostSettings } from "../model/hosts";
import { PreflightSettings } from "../model/preflightChecks";
import { mergeDependencies } from "./dependencies";
import { Host } from "./host";
import { refuseClosedPaths, warnOfTwinHostnames } from "./closedPaths";
import { HostFacts } from "./facts";
import { HostKind } from "./preflight";
import { Checked, refuseUnreachableNodes } from "./reachability";

export interface BarrierArgs {
    hosts: Host[];
    preflight: PreflightSettings;
    /** Known when the settings of all hosts are right together. @default true */
    checked?: pulumi.Input<boolean>;
}

/**
 * The barrier before the first change of any host. It completes when every host that SSH reaches has passed preflight,
 * machine-ids are unique (a cloned disk has its original's), every node's firewall admits all other nodes, and hosts reach each other. A host that
 * SSH does not reach fails its own steps and stops no other. It waits for all hosts, and depends only on those whose preflight fails:
 * a resource that names every host makes the state, and each preview, slow.
 */
export function preflightBarrier(
    name: string,
    { hosts, preflight, checked = true }: BarrierArgs,
    opts: pulumi.CustomResourceOptions,
): local.Command {
    const settings = pulumi.all(hosts.map((host) => ifProduced(host.settings)));
    const facts = pulumi.all(hosts.map((host) => host.factsIfReached));
    const passed = untracked(pulumi.all([settings, facts, checked])).apply(([known, read]) => {
        refuseTwins(hosts.map(({ shape }, i) => ({ name: shape.name, id: read[i]?.machineId })));
        const all = hosts.flatMap(({ kind }, i) => checkedHost(known[i], kind, read[i]));
        warnOfTwinHostnames(all);
        refuseUnreachableNodes(all, preflight);
        refuseClosedPaths(all, preflight);
        return "true";
    });
    const nothing = { logging: local.Logging.None, addPreviousOutputInEnv: false };
    const dependsOn = mergeDependencies(hosts.map(({ unlessFaulty }) => unlessFaulty));
    return new local.Command(name, { create: passed, ...nothing }, { ...opts, dependsOn });
}

// A host whose machine could not be made fails its own steps, and stops no other.
const checkedHost = (host: HostSettings | undefined, kind: HostKind, facts: HostFacts | undefined): Checked[] =>
    host === undefined ? [] : [{ host, kind, facts }];

function refuseTwins(hosts: { name: string; id: string | undefined }[]): void {
    const twin = hosts.find(({ id }, i) => id !== undefined && hosts.findIndex((other) => other.id === id) !== i);
    if (twin === undefined) return;
    const names = hosts.filter(({ id }) => id === twin.id).map(({ name }) => name);
    // A preflight that has passed is not run again by itself, so the way to look again is part of the message.
    throw new pulumi.RunError(
        `machine-id: ${names.join(" and ")} have the same id, ${twin.id}, expected a unique id on each; no host was changed. ` +
            "On a host with a cloned disk, run: rm /etc/machine-id && systemd-machine-id-setup, " +
            `then: pulumi up ${names.map((name) => `--replace '**-${name}-preflight'`).join(" ")}`,
    );
}
