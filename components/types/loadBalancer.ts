import * as pulumi from "@pulumi/pulumi";
import { HostArgs } from "./hosts";

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

/** Which server gets a new connection. */
export const Balance = {
    LeastConnections: "leastconn",
    RoundRobin: "roundrobin",
    Source: "source",
    First: "first",
} as const;
export type Balance = (typeof Balance)[keyof typeof Balance];

/** The words and meanings are haproxy's (its configuration manual, chapters 4 and 5); durations are in seconds. */
export interface BalancerProxyArgs {
    /** `first` is haproxy's alone. @default "leastconn": API connections live long */
    balance?: Balance;
    /** Connections at one time; those beyond wait. @default 8192 */
    maxConnections?: number;
    check?: BalancerCheckArgs;
    timeouts?: BalancerTimeoutArgs;
    /** haproxy's page of figures. nginx has none for streams. @default none */
    stats?: BalancerStatsArgs;
}

/** How often an apiserver is asked for /readyz, and how its answers count. */
export interface BalancerCheckArgs {
    /** Between two checks of a server that is up. @default 1 */
    interval?: number;
    /** Between two checks of a server that is about to change its state. haproxy only. @default 0.5 */
    fastInterval?: number;
    /** Between two checks of a server that is down. haproxy only. @default 0.5 */
    downInterval?: number;
    /** An answer that takes longer is none. @default 2 */
    timeout?: number;
    /** Good answers that bring a server back. @default 1 */
    rise?: number;
    /** Missing answers that take a server out, and close its connections, so that clients dial another. @default 2 */
    fall?: number;
    /** Over how long a server that came back gets its full share. haproxy only. @default 10 */
    slowStart?: number;
}

export interface BalancerTimeoutArgs {
    /** For an apiserver to take a connection; then another one is tried. @default 2 */
    connect?: number;
    /** After which an idle connection is closed, seen from the client. haproxy only. @default 3600: watches are silent for long */
    client?: number;
    /** The same, seen from the apiserver; nginx's only idle timeout. @default 3600 */
    server?: number;
}

export interface BalancerStatsArgs {
    port: number;
    /** The address it listens on. Any but the host's own loopback wants a password. @default "127.0.0.1" */
    address?: string;
    /** @default "admin" */
    user?: string;
    /** Kept as a secret, and on the host in a file of root's. HTTP carries it readably. @default none is asked for */
    password?: pulumi.Input<string>;
}

export interface VrrpArgs {
    /** VRRP's id, 1 to 255: unique among the keepalived clusters of one network. @default 51 */
    virtualRouterId?: number;
    /** Seconds between advertisements; a holder that is lost is noticed after about three of them. @default 1 */
    advertInterval?: number;
    /** Advertise to the group's multicast address, not to each host. Clouds and many switches drop multicast. @default false */
    multicast?: boolean;
    /**
     * A word of up to eight letters and digits that advertisements carry; a secret. It keeps a misconfigured neighbour out, not an
     * attacker: it travels readably. VRRP 3 has none, so with it version 2 is spoken: IPv4, and whole seconds in `advertInterval`.
     * @default none
     */
    password?: pulumi.Input<string>;
}

/** Leader election as client-go has it: leaseDuration > renewDeadline > retryPeriod, whole seconds. */
export interface KubeVipArgs {
    /** After which a lease that is not renewed is another's. @default 5 */
    leaseDuration?: number;
    /** Within which the holder must renew it, or steps down. @default 3 */
    renewDeadline?: number;
    /** Between two tries. @default 1 */
    retryPeriod?: number;
}
