import type { ClusterArgs } from "../clusterArgs";
import { FirewallArgs, FirewallMode } from "../types";
import { contains, isIP, parseSubnet, Subnet } from "./addresses";
import { Fault, fault, oneOf } from "./fault";
import { place } from "./hosts";

const path = "firewall";

/** The option itself; and that the networks it names have every node in them. */
export function firewallFaults({ firewall = {}, controlPlaneNodes = [], workerNodes = [] }: ClusterArgs): Fault[] {
    const own = firewallOptionFaults(firewall);
    const subnets = (own.length === 0 ? (firewall.hostSubnets ?? []) : []).map(parseSubnet) as Subnet[];
    if (subnets.length === 0) return own;
    const nodes = [...place("controlPlaneNodes", controlPlaneNodes), ...place("workerNodes", workerNodes)];
    const given = firewall.hostSubnets!.join(", ");
    return nodes
        .map(({ path: at, host }) => ({ at, address: host.privateAddress ?? host.address ?? "" }))
        .filter(({ address }) => isIP(address) && !subnets.some((subnet) => contains(subnet, address)))
        .map(({ at, address }) =>
            fault(`${path}.hostSubnets`, given, `networks with every node in them, ${address} (${at}) too`),
        );
}

export function firewallOptionFaults({ mode, hostSubnets, nodePorts }: FirewallArgs): Fault[] {
    const at = `${path}.hostSubnets`;
    return [
        ...oneOf(`${path}.mode`, mode, FirewallMode),
        ...(nodePorts === undefined || typeof nodePorts === "boolean"
            ? []
            : [fault(`${path}.nodePorts`, nodePorts, "true or false")]),
        ...(hostSubnets === undefined || (Array.isArray(hostSubnets) && hostSubnets.length > 0)
            ? (hostSubnets ?? [])
                  .map((subnet, i) => ({ subnet, at: `${at}[${i}]` }))
                  .filter(({ subnet }) => parseSubnet(String(subnet)) === undefined)
                  .map((wrong) => fault(wrong.at, wrong.subnet, "a network in CIDR form, e.g. '10.0.0.0/24'"))
            : [fault(at, hostSubnets, "a list of networks, one or more")]),
    ];
}
