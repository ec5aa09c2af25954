import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { Host } from "./host";
import { refuseUnreachableNodes } from "./reachability";

/**
 * The barrier before the first change of any host. It completes when every host that SSH reaches has passed preflight,
 * machine-ids are unique (a cloned disk has its original's), and every node's firewall admits all other nodes. A host that
 * SSH does not reach fails its own steps and stops no other. One resource, because naming every host in every `dependsOn`
 * makes the state grow quadratically.
 */
export function preflightBarrier(name: string, hosts: Host[], opts: pulumi.CustomResourceOptions): local.Command {
    const checked = pulumi.all(hosts.map((host) => host.factsIfReached)).apply((facts) => {
        refuseTwins(hosts.map(({ settings }, i) => ({ name: settings.name, id: facts[i]?.machineId })));
        refuseUnreachableNodes(hosts.map(({ settings, kind }, i) => ({ host: settings, kind, facts: facts[i] })));
        return "true";
    });
    const nothing = { logging: local.Logging.None, addPreviousOutputInEnv: false };
    return new local.Command(name, { create: checked, ...nothing }, opts);
}

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
