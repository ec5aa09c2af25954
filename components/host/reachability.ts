import * as pulumi from "@pulumi/pulumi";
import { isIP } from "net";
import { Subnet, contains, parseSubnet } from "../lib/addresses";
import { HostSettings } from "../model/hosts";
import { PreflightSettings } from "../model/preflightChecks";
import { HostFacts } from "./facts";
import { HostKind, isNode } from "./preflight";

/** A host and what preflight read of it. */
export interface Checked {
    host: HostSettings;
    kind: HostKind;
    facts?: Partial<HostFacts>;
}

/**
 * By default a node's firewall admits only its own subnet, so nodes in other subnets, and their pods, would be blocked.
 * Refused before any host is changed; a warning where the configuration says so.
 */
export function refuseUnreachableNodes(hosts: Checked[], { warn }: PreflightSettings): void {
    const nodes = hosts.filter(({ kind }) => isNode(kind));
    for (const { host, facts } of nodes) {
        if (!facts?.firewall) continue;
        const networks = (facts.nodeNetworks ?? "").split(" ").map(parseSubnet) as Subnet[];
        const stranger = nodes.map(({ host: other }) => other).find((other) => !allWithin(other, networks));
        if (!stranger) continue;
        const message = unreachableMessage(host, stranger, facts);
        if (!warn.includes("firewall")) throw new pulumi.RunError(`${message} ${WAY_ON} No host was changed.`);
        void pulumi.log.warn(message);
    }
}

const WAY_ON = "To go on without: name the check 'firewall' in preflight.warn.";

const allWithin = (host: Checked["host"], networks: Subnet[]): boolean =>
    [host.privateAddress, host.secondaryAddress]
        .filter((address) => address !== undefined && isIP(address))
        .every((address) => networks.some((network) => network && contains(network, address!)));

const unreachableMessage = (host: HostSettings, stranger: HostSettings, facts: NonNullable<Checked["facts"]>): string =>
    `firewall.hostSubnets: ${stranger.name} (${stranger.privateAddress}) is outside ${facts.nodeNetworks}, so ` +
    `${facts.firewall} on ${host.name} would block it; expected the networks of all nodes in firewall.hostSubnets.`;
