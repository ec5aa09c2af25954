import { isIP } from "net";
import { Subnet, contains, parseSubnet } from "../lib/addresses";
import { Fault, fault, oneOf } from "../lib/faults";
import { HostAt } from "./hosts";

/** Whether this program configures the hosts' firewalls. */
export const FirewallMode = {
    /** firewalld or ufw, whichever is active on a host, lets in what the host's role needs. None is installed or turned on. */
    Auto: "auto",
    /** Nothing is opened: the hosts' firewalls are somebody else's task. */
    None: "none",
} as const;
export type FirewallMode = (typeof FirewallMode)[keyof typeof FirewallMode];

export interface FirewallArgs {
    /**
     * `auto`: the active firewalld or ufw of a host admits what the host's role needs
     * (docs/architecture.md#the-hosts-own-firewalls). No firewall is installed, started or stopped. `none`: nothing is
     * opened.
     * @default "auto"
     * @change Rolled out; nothing restarts. `none` closes what was opened.
     */
    mode?: FirewallMode;
    /**
     * The networks that contain every node. Each host's firewall opens the ports of the kubelet, the CNI plugin and
     * pods to these networks: rules by address would change on every node whenever a node is added or removed.
     * @kind list of CIDRs
     * @otherwise each host's own network
     * @change Rolled out; nothing restarts.
     */
    hostSubnets?: string[];
    /**
     * Opens the NodePort range (`service-node-port-range`) to everyone. `false` closes what host processes serve
     * there; kube-proxy rewrites packets before any filter of the host, so close whole ports with
     * `kubeProxyConfiguration.nodePortAddresses`.
     * @default true
     * @change Rolled out; nothing restarts.
     */
    nodePorts?: boolean;
}

/** The arguments with every default filled in; no networks: each node's own. */
export type FirewallSettings = Required<FirewallArgs>;

export const resolveFirewall = (args: FirewallArgs = {}): FirewallSettings => ({
    mode: args.mode ?? FirewallMode.Auto,
    hostSubnets: args.hostSubnets ?? [],
    nodePorts: args.nodePorts ?? true,
});

const path = "firewall";

/** The option itself; and that the networks it names have every node in them. */
export function firewallFaults(firewall: FirewallArgs = {}, nodes: HostAt[]): Fault[] {
    const own = firewallOptionFaults(firewall);
    const { hostSubnets } = resolveFirewall(firewall);
    const subnets = (own.length === 0 ? hostSubnets : []).map(parseSubnet) as Subnet[];
    if (subnets.length === 0) return own;
    const given = hostSubnets.join(", ");
    return nodes
        .map(({ path: at, host }) => ({ at, address: host.privateAddress }))
        .filter(({ address }) => isIP(address) && !subnets.some((subnet) => contains(subnet, address)))
        .map(({ at, address }) =>
            fault(`${path}.hostSubnets`, given, `networks that contain every node; none contains ${address} (${at})`),
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
