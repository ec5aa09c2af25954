import * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "./clusterArgs";
import { KUBE_VIP_DEFAULTS, PORTS, PROXY_DEFAULTS, VRRP_DEFAULTS } from "./constants";
import { privateAddressOf } from "./remote/connection";
import {
    HostArgs,
    KubeVipArgs,
    LoadBalancerPlacement as Placement,
    LoadBalancerTopologyArgs,
    LoadBalancerType as Type,
    BalancerProxyArgs,
    BalancerCheckArgs,
    BalancerStatsArgs,
    BalancerTimeoutArgs,
    VrrpArgs,
} from "./types";

type Stats = Required<Omit<BalancerStatsArgs, "password">> & { password?: pulumi.Input<string> };

/** A proxy's arguments with every default filled in. */
export interface ProxySettings extends Required<Omit<BalancerProxyArgs, "check" | "timeouts" | "stats">> {
    check: Required<BalancerCheckArgs>;
    timeouts: Required<BalancerTimeoutArgs>;
    stats?: Stats;
}

/** keepalived's arguments with every default filled in. */
export type VrrpSettings = Required<Omit<VrrpArgs, "password">> & { password?: pulumi.Input<string> };

/** The balancer's arguments with every default filled in. */
export interface LoadBalancerSettings {
    type: Type;
    /** Where it runs; nowhere of ours when it is external. */
    placement?: Placement;
    hosts: HostArgs[];
    virtualAddress?: string;
    port: number;
    proxy: ProxySettings;
    vrrp: VrrpSettings;
    kubeVip: Required<KubeVipArgs>;
}

/** Where clients and nodes call. */
export interface Endpoint {
    host: string;
    port: number;
}

export function resolveLoadBalancer(args: LoadBalancerTopologyArgs = {}): LoadBalancerSettings {
    const type = args.type ?? Type.Haproxy;
    const placement = type === Type.External ? undefined : (args.placement ?? Placement.ControlPlane);
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

export const resolveProxy = (args: BalancerProxyArgs = {}): ProxySettings => ({
    balance: args.balance ?? PROXY_DEFAULTS.balance,
    maxConnections: args.maxConnections ?? PROXY_DEFAULTS.maxConnections,
    check: { ...PROXY_DEFAULTS.check, ...args.check },
    timeouts: { ...PROXY_DEFAULTS.timeouts, ...args.timeouts },
    stats: args.stats && { ...PROXY_DEFAULTS.stats, ...args.stats },
});

export const isProxy = (type: Type): boolean => type === Type.Haproxy || type === Type.Nginx;

/** A proxy on a node cannot have the port that kube-apiserver listens on, at every address of its host. */
export const sharesApiServersHost = (type: Type, placement: Placement | undefined): boolean =>
    isProxy(type) && placement !== Placement.Dedicated;

const defaultPort = (type: Type, placement: Placement | undefined): number =>
    sharesApiServersHost(type, placement) ? PORTS.besideApiServer : PORTS.apiServer;

/** What every node calls, and kubeadm's controlPlaneEndpoint: the same text on all of them. */
export function nodesEndpoint(args: ClusterArgs, balancer: LoadBalancerSettings): Endpoint {
    if (balancer.placement === Placement.NodeLocal) return { host: "127.0.0.1", port: balancer.port };
    const hosts = balancer.placement === Placement.Dedicated ? balancer.hosts : args.controlPlaneNodes;
    const host = args.controlPlaneEndpoint ?? balancer.virtualAddress ?? privateAddressOf(hosts[0]);
    return { host, port: balancer.port };
}

/** What those who are on no node call: the administrator's kubeconfig. A node's own balancer does not listen for them. */
export function clientsEndpoint(args: ClusterArgs, balancer: LoadBalancerSettings): Endpoint {
    if (balancer.placement !== Placement.NodeLocal) return nodesEndpoint(args, balancer);
    const host = args.controlPlaneEndpoint ?? privateAddressOf(args.controlPlaneNodes[0]);
    return { host, port: PORTS.apiServer };
}

/** Every name and address by which an apiserver may be reached through the balancer. */
export function balancedNames(balancer: LoadBalancerSettings): string[] {
    if (balancer.placement === Placement.NodeLocal) return ["127.0.0.1", "localhost"];
    const hosts = balancer.hosts.flatMap((host) => [host.name, privateAddressOf(host)]);
    return [...(balancer.virtualAddress ? [balancer.virtualAddress] : []), ...hosts];
}
