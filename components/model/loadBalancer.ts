import { isIP } from "net";
import { isCanonical } from "../lib/addresses";
import { Fault, fault, oneOf } from "../lib/faults";
import { PORTS } from "../lib/ports";
import { ClusterArgs } from "./cluster";
import { HostArgs, NodeArgs, isPort, privateAddressOf } from "./hosts";
import { KUBE_VIP_DEFAULTS, KubeVipArgs } from "./kubeVip";
import { BalancerProxyArgs, ProxySettings, balancerOptionFaults, resolveProxy } from "./proxy";
import { VRRP_DEFAULTS, VrrpArgs, VrrpSettings } from "./vrrp";

/** What leads clients to a healthy kube-apiserver. */
export const LoadBalancerType = {
    /** A proxy that asks every apiserver for /readyz. */
    Haproxy: "haproxy",
    /** The same by nginx's stream module; what it lacks of haproxy is made up for by a small service (docs/architecture.md). */
    Nginx: "nginx",
    /** No proxy: keepalived keeps the virtual address on a control plane node whose own apiserver is well. */
    Keepalived: "keepalived",
    /** No proxy: kube-vip, a static pod, keeps the virtual address by a lease in the cluster itself. */
    KubeVip: "kube-vip",
    /** One that exists already: a cloud's or a hardware balancer behind `controlPlaneEndpoint`. */
    External: "external",
} as const;
export type LoadBalancerType = (typeof LoadBalancerType)[keyof typeof LoadBalancerType];

/** Where haproxy or nginx runs. */
export const LoadBalancerPlacement = {
    /** On every control plane node, the virtual address on one of them. */
    ControlPlane: "controlPlane",
    /** On hosts of its own. */
    Dedicated: "dedicated",
    /** A static pod on every node, for that node alone: no virtual address is needed. */
    NodeLocal: "nodeLocal",
} as const;
export type LoadBalancerPlacement = (typeof LoadBalancerPlacement)[keyof typeof LoadBalancerPlacement];

export interface LoadBalancerTopologyArgs {
    /** A change between types that keeps the endpoint (address and port) is rolled out host by host; another is refused. @default "haproxy" */
    type?: LoadBalancerType;
    /** Cannot be changed on a live cluster. @default "controlPlane" */
    placement?: LoadBalancerPlacement;
    /** The dedicated hosts; one, or more with a virtual address. */
    hosts?: HostArgs[];
    /** The address that one healthy host holds. Required wherever more than one host could be it. Cannot be changed on a live cluster. */
    virtualAddress?: string;
    /**
     * The endpoint's port. Cannot be changed on a live cluster.
     * @default 6443; 8443 where haproxy or nginx shares a host with kube-apiserver, whose own 6443 is
     */
    port?: number;
    /** How haproxy or nginx balances and looks at the apiservers. A change is a reload: no connection is cut. */
    proxy?: BalancerProxyArgs;
    /** How keepalived's hosts agree on the holder. A change is rolled out host by host. */
    vrrp?: VrrpArgs;
    /** kube-vip's lease. A change is rolled out node by node. */
    kubeVip?: KubeVipArgs;
}

/** The balancer's arguments with every default filled in. */
export interface LoadBalancerSettings {
    type: LoadBalancerType;
    /** Where it runs; nowhere of ours when it is external. */
    placement?: LoadBalancerPlacement;
    hosts: HostArgs[];
    virtualAddress?: string;
    port: number;
    proxy: ProxySettings;
    vrrp: VrrpSettings;
    kubeVip: Required<KubeVipArgs>;
}

export function resolveLoadBalancer(args: LoadBalancerTopologyArgs = {}): LoadBalancerSettings {
    const type = args.type ?? LoadBalancerType.Haproxy;
    const placement =
        type === LoadBalancerType.External ? undefined : (args.placement ?? LoadBalancerPlacement.ControlPlane);
    return {
        type,
        placement,
        hosts: args.hosts ?? [],
        virtualAddress: args.virtualAddress,
        port: args.port ?? defaultPort(type, placement),
        proxy: resolveProxy(args.proxy),
        vrrp: { ...VRRP_DEFAULTS, ...args.vrrp },
        kubeVip: { ...KUBE_VIP_DEFAULTS, ...args.kubeVip },
    };
}

export const isProxy = (type: LoadBalancerType): boolean =>
    type === LoadBalancerType.Haproxy || type === LoadBalancerType.Nginx;

/** A proxy on a node cannot have the port that kube-apiserver listens on, at every address of its host. */
export const sharesApiServersHost = (type: LoadBalancerType, placement: LoadBalancerPlacement | undefined): boolean =>
    isProxy(type) && placement !== LoadBalancerPlacement.Dedicated;

const defaultPort = (type: LoadBalancerType, placement: LoadBalancerPlacement | undefined): number =>
    sharesApiServersHost(type, placement) ? PORTS.besideApiServer : PORTS.apiServer;

/** What every rule looks at: the choices with their defaults, beside the arguments as given. */
interface Shape {
    args: ClusterArgs;
    given: LoadBalancerTopologyArgs;
    type: LoadBalancerType;
    placement?: LoadBalancerPlacement;
}

const path = "loadBalancer";

export function loadBalancerFaults(args: ClusterArgs): Fault[] {
    const given = args.loadBalancer ?? {};
    const words = [
        ...oneOf(`${path}.type`, given.type, LoadBalancerType),
        ...oneOf(`${path}.placement`, given.placement, LoadBalancerPlacement),
    ];
    const type = given.type ?? LoadBalancerType.Haproxy;
    const combination = words.length > 0 ? words : combinationFaults(type, given.placement);
    // Of a shape that makes no sense nothing more can be said.
    if (combination.length > 0) return combination;
    const placement =
        type === LoadBalancerType.External ? undefined : (given.placement ?? LoadBalancerPlacement.ControlPlane);
    const shape = { args, given, type, placement };
    return [
        ...hostFaults(shape),
        ...addressFaults(shape),
        ...portFaults(shape),
        ...balancerOptionFaults(path, given, type, placement),
    ];
}

function combinationFaults(type: LoadBalancerType, placement: LoadBalancerPlacement | undefined): Fault[] {
    const at = `${path}.placement`;
    if (placement === undefined) return [];
    if (type === LoadBalancerType.External)
        return [fault(at, placement, "none: type 'external' runs on no host of ours")];
    if (isProxy(type) || placement === LoadBalancerPlacement.ControlPlane) return [];
    const why =
        placement === LoadBalancerPlacement.Dedicated
            ? "leads to an apiserver on the very host that holds the address"
            : "moves an address between hosts, and needs none where every node has a balancer of its own";
    return [fault(at, placement, `'controlPlane', or type 'haproxy' or 'nginx': '${type}' ${why}`)];
}

function hostFaults({ given: { hosts = [] }, placement }: Shape): Fault[] {
    const dedicated = placement === LoadBalancerPlacement.Dedicated;
    if (dedicated && hosts.length === 0)
        return [fault(`${path}.hosts`, undefined, "at least one host (placement is 'dedicated')")];
    if (dedicated || hosts.length === 0) return [];
    return [fault(`${path}.hosts`, hosts.length, "none: only placement 'dedicated' has hosts of its own")];
}

function addressFaults({ args, given: { hosts = [], virtualAddress }, type, placement }: Shape): Fault[] {
    const at = `${path}.virtualAddress`;
    if (type === LoadBalancerType.External && args.controlPlaneEndpoint === undefined)
        return [fault("controlPlaneEndpoint", undefined, "the external balancer's DNS name or address")];
    if (type === LoadBalancerType.External || placement === LoadBalancerPlacement.NodeLocal) {
        const reason =
            type === LoadBalancerType.External
                ? "controlPlaneEndpoint leads to it"
                : "every node calls its own balancer";
        return virtualAddress === undefined ? [] : [fault(at, virtualAddress, `none: ${reason}`)];
    }
    const candidates = placement === LoadBalancerPlacement.Dedicated ? hosts : (args.controlPlaneNodes ?? []);
    if (virtualAddress !== undefined) return virtualAddressFaults(args, virtualAddress);
    if (!isProxy(type)) return [fault(at, undefined, `an address: it is what '${type}' keeps on a healthy host`)];
    return candidates.length > 1
        ? [fault(at, undefined, "an address that keepalived keeps on one healthy host, as there is more than one")]
        : [];
}

function virtualAddressFaults(args: ClusterArgs, address: string): Fault[] {
    const at = `${path}.virtualAddress`;
    if (!isIP(address)) return [fault(at, address, "an IP address")];
    if (!isCanonical(address)) return [fault(at, address, "its shortest spelling (RFC 5952): fd00::100")];
    const { controlPlaneNodes = [], workerNodes = [], loadBalancer, etcd } = args;
    const hosts = [...controlPlaneNodes, ...workerNodes, ...(loadBalancer?.hosts ?? []), ...(etcd?.hosts ?? [])];
    const taken = hosts.find((host: NodeArgs) =>
        [host.address, host.privateAddress, host.secondaryAddress].includes(address),
    );
    // Advertisements between hosts are of the family of the address that they are about.
    const own = privateAddressOf(loadBalancer?.hosts?.[0] ?? controlPlaneNodes[0] ?? { name: "", address });
    if (isIP(own) && isIP(own) !== isIP(address))
        return [fault(at, address, `an IPv${isIP(own)} address, as the hosts that hold it have (${own})`)];
    return taken ? [fault(at, address, `an address that no host has; it is ${taken.name}'s`)] : [];
}

function portFaults({ given: { port }, type, placement }: Shape): Fault[] {
    const at = `${path}.port`;
    if (port === undefined) return [];
    if (!isPort(port)) return [fault(at, port, "a port, 1 to 65535")];
    if (type === LoadBalancerType.Keepalived || type === LoadBalancerType.KubeVip)
        return port === PORTS.apiServer
            ? []
            : [fault(at, port, `6443: without a proxy the virtual address leads to kube-apiserver's own port`)];
    if (!sharesApiServersHost(type, placement)) return [];
    const owner = Object.entries(PORTS).find(([name, taken]) => name !== "besideApiServer" && taken === port)?.[0];
    if (owner === undefined) return [];
    const whose = owner === "apiServer" ? "kube-apiserver's own" : `${owner}'s`;
    return [fault(at, port, `another port than ${port}, which is ${whose} on these hosts`)];
}
