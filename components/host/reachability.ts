import * as pulumi from "@pulumi/pulumi";
import { isIP } from "net";
import { Subnet, contains, parseSubnet } from "../lib/addresses";
import { HostArgs, NodeArgs, privateAddressOf } from "../model/hosts";
import { HostFacts, MachineArgs } from "./host";

/** A machine and what preflight read of it. */
export interface Checked {
    host: HostArgs & Pick<NodeArgs, "secondaryAddress">;
    kind: MachineArgs["kind"];
    facts?: Pick<HostFacts, "firewall" | "nodeNetworks">;
}

const isNode = ({ kind }: Checked): boolean => kind === "controlPlane" || kind === "worker";

/**
 * A node's firewall lets in the networks that the nodes are in; where that is its own network, as its interface has it, a
 * node of another network would be shut out, and its pods with it. Told before any host is changed.
 */
export function refuseStrangers(machines: Checked[]): void {
    const nodes = machines.filter(isNode);
    for (const { host, facts } of nodes) {
        if (!facts?.firewall) continue;
        const networks = (facts.nodeNetworks ?? "").split(" ").map(parseSubnet) as Subnet[];
        const stranger = nodes.map(({ host: other }) => other).find((other) => !allWithin(other, networks));
        if (stranger) throw new pulumi.RunError(told(host, stranger, facts));
    }
}

const allWithin = (host: Checked["host"], networks: Subnet[]): boolean =>
    [privateAddressOf(host), host.secondaryAddress]
        .filter((address) => address !== undefined && isIP(address))
        .every((address) => networks.some((network) => network && contains(network, address!)));

const told = (host: HostArgs, stranger: HostArgs, facts: NonNullable<Checked["facts"]>): string =>
    `firewall.hostSubnets: ${stranger.name} (${privateAddressOf(stranger)}) is outside ${facts.nodeNetworks}, to which ` +
    `${facts.firewall} on ${host.name} would open what nodes call; expected every network of the nodes in ` +
    "firewall.hostSubnets. No host was changed.";
