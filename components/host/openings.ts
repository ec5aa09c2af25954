import { CNI_PORTS, PORTS } from "../lib/ports";
import { ClusterSettings } from "../model/cluster";
import { CniMode, CniPlugin } from "../model/cni";
import { ControlPlaneComponentSettings, flagOf, nodePortRange } from "../model/controlPlaneComponents";
import { HostSettings } from "../model/hosts";
import { LoadBalancerSettings } from "../model/loadBalancer";
import { LoadBalancerPlacement as Placement, forwards, isProxy, runsKeepalived } from "../model/loadBalancerType";

/** One opening in a host's firewall: a protocol, a port or a range of ports, and the sources. VRRP and IP-in-IP have no ports. */
export interface Opening {
    protocol: "tcp" | "udp" | "vrrp" | "ipip";
    port?: number | string;
    /** Addresses or networks; `hosts` are the networks that the nodes are in (`firewall.hostSubnets`). */
    from: "any" | "hosts" | string[];
}

type Host = Pick<HostSettings, "name" | "privateAddress">;

const tcp = (port: number | string, from: Opening["from"]): Opening => ({ protocol: "tcp", port, from });
const udp = (port: number | string, from: Opening["from"]): Opening => ({ protocol: "udp", port, from });

/** `protocol port source` for each source, sorted so that the list never changes without a cause. */
export const openingRows = (openings: Opening[]): string[] => [...new Set(openings.flatMap(rowsOf))].sort();

const rowsOf = ({ protocol, port, from }: Opening): string[] =>
    (Array.isArray(from) ? from : [from]).map((source) => `${protocol} ${port ?? "-"} ${source}`);

/**
 * kubeadm's "Ports and Protocols" for a control plane node. kube-apiserver is open to all, as there: clients, workers and
 * pods call it, and it asks everyone for credentials. etcd's ports are for control plane nodes by address: each knows the
 * others anyway. kube-scheduler and kube-controller-manager listen on the loopback interface unless told otherwise.
 */
export function controlPlaneOpenings(settings: ClusterSettings, node: Host): Opening[] {
    const { loadBalancer, etcd, controllerManager, scheduler } = settings;
    const member = etcd.members.some(({ name }) => name === node.name);
    return [
        tcp(PORTS.apiServer, "any"),
        ...(member ? memberOpenings(etcd.members, [], etcd.options.listenMetricsUrls, node) : []),
        ...exposed(controllerManager, PORTS.controllerManager),
        ...exposed(scheduler, PORTS.scheduler),
        ...(loadBalancer.placement === Placement.ControlPlane ? balancerOpenings(loadBalancer, node) : []),
        ...nodeOpenings(settings),
    ];
}

/** For a worker; and what it has in common with a control plane node. No other node's name or address is in it. */
export const nodeOpenings = (settings: ClusterSettings): Opening[] => [
    tcp(PORTS.kubelet, "hosts"),
    ...CNI_OPENINGS[settings.cni.plugin](settings),
    ...(settings.firewall.nodePorts
        ? [tcp(nodePortRange(settings.apiServer), "any"), udp(nodePortRange(settings.apiServer), "any")]
        : []),
];

/** The ports in the plug-ins' documentation. Traffic of pods is admitted by network, not by port. */
const CNI_OPENINGS: Record<CniPlugin, (settings: ClusterSettings) => Opening[]> = {
    [CniPlugin.Flannel]: ({ cni }) => (cni.mode === CniMode.HostGateway ? [] : [udp(CNI_PORTS.flannelVxlan, "hosts")]),
    [CniPlugin.Calico]: ({ cni }) => [
        ...(cni.mode === CniMode.Vxlan ? [udp(CNI_PORTS.calicoVxlan, "hosts")] : [tcp(CNI_PORTS.bgp, "hosts")]),
        ...(cni.mode === CniMode.Ipip ? [{ protocol: "ipip" as const, from: "hosts" as const }] : []),
    ],
    [CniPlugin.Cilium]: ({ cni }) => [
        udp(cni.values?.tunnelProtocol === "geneve" ? CNI_PORTS.geneve : CNI_PORTS.flannelVxlan, "hosts"),
        tcp(CNI_PORTS.ciliumHealth, "hosts"),
        tcp(CNI_PORTS.hubblePeer, "hosts"),
    ],
    // Whoever brings a plugin knows its ports.
    [CniPlugin.None]: () => [],
};

/** The endpoint is for everyone; VRRP for those who hold the address in turn. */
export function balancerOpenings(balancer: LoadBalancerSettings, host: Host): Opening[] {
    const { type, port, proxy, balancers } = balancer;
    const peers = othersOf(balancers, host);
    return [
        ...(forwards(type) ? [tcp(port, "any")] : []),
        ...(isProxy(type) && proxy.stats && !isLoopback(proxy.stats.address) ? [tcp(proxy.stats.port, "any")] : []),
        ...(needsVrrp(balancer) ? [{ protocol: "vrrp" as const, from: peers }] : []),
    ];
}

/** keepalived's; kube-vip agrees by a lease in the cluster. */
export const needsVrrp = (balancer: LoadBalancerSettings): boolean =>
    balancer.virtualAddress !== undefined && runsKeepalived(balancer) && balancer.balancers.length > 1;

/** etcd's clients are its members and the apiservers; peers its members alone. Metrics on an address of the host are for nodes. */
export const memberOpenings = (
    members: Host[],
    clients: string[] | "any",
    metricsUrls: string[],
    host: Host,
): Opening[] => [
    tcp(PORTS.etcdClient, clients === "any" ? clients : [...othersOf(members, host), ...clients]),
    tcp(PORTS.etcdPeer, othersOf(members, host)),
    ...metricsUrls
        .map((url) => new URL(url))
        .filter(({ hostname }) => !isLoopback(hostname))
        .map(({ port }) => tcp(port || 80, "hosts")),
];

const othersOf = (hosts: Host[], host: Host): string[] =>
    hosts.filter(({ name }) => name !== host.name).map(({ privateAddress }) => privateAddress);

// Asked for by whoever gives it another address to listen on: for metrics, which nodes may read.
function exposed(component: ControlPlaneComponentSettings, port: number): Opening[] {
    const address = flagOf(component, "bind-address");
    return address === undefined || isLoopback(address) ? [] : [tcp(port, "hosts")];
}

const isLoopback = (address: string): boolean => /^(127\.|\[?::1\]?$|localhost$)/.test(address);
