import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { Machine } from "./host";
import { refuseStrangers } from "./reachability";

/**
 * The barrier before the first change: it ends when every machine that SSH reaches has passed its preflight, no two
 * machines are one (a cloned disk) and no node is a stranger to another's firewall. One that is not reached fails its own
 * steps and holds up nobody. A resource of its own, so that what waits for all machines names one thing and not each of
 * them: with that, a hundred hosts would fill the state with ten thousand names.
 */
export function allPassed(name: string, machines: Machine[], opts: pulumi.CustomResourceOptions): local.Command {
    const checked = pulumi.all(machines.map((machine) => machine.factsIfReached)).apply((facts) => {
        refuseTwins(machines.map(({ host }, i) => ({ name: host.name, id: facts[i]?.machineId })));
        refuseStrangers(machines.map(({ host, kind }, i) => ({ host, kind, facts: facts[i] })));
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
        `machine-id: ${twin.id} is that of ${names.join(" and ")}, expected one each; no host was changed. ` +
            "On a cloned disk: rm /etc/machine-id && systemd-machine-id-setup, " +
            `then: pulumi up ${names.map((name) => `--replace '**-${name}-preflight'`).join(" ")}`,
    );
}
