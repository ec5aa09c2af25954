import { Fault, fault, oneOf } from "../lib/faults";

/** The kind of load balancer in front of the kube-apiservers. */
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

/** The two choices that every other option of the balancer follows from. */
export interface BalancerChoices {
    type: LoadBalancerType;
    /** Where it runs; nowhere of ours when it is external. */
    placement?: LoadBalancerPlacement;
}

export function resolveChoices(args: Partial<BalancerChoices>): BalancerChoices {
    const type = args.type ?? LoadBalancerType.Haproxy;
    const external = type === LoadBalancerType.External;
    return { type, placement: external ? undefined : (args.placement ?? LoadBalancerPlacement.ControlPlane) };
}

/** The placement in one word, for the scripts. */
export const placementWord = ({ placement }: BalancerChoices): string => placement ?? "external";

export const isProxy = (type: LoadBalancerType): boolean =>
    type === LoadBalancerType.Haproxy || type === LoadBalancerType.Nginx;

/** A proxy on a node cannot have the port that kube-apiserver listens on, at every address of its host. */
export const sharesApiServersHost = ({ type, placement }: BalancerChoices): boolean =>
    isProxy(type) && placement !== LoadBalancerPlacement.Dedicated;

const path = "loadBalancer";

/** Whether the words are known and go together. Of a shape that makes no sense nothing more can be said. */
export function choiceFaults(given: Partial<BalancerChoices>): Fault[] {
    const words = [
        ...oneOf(`${path}.type`, given.type, LoadBalancerType),
        ...oneOf(`${path}.placement`, given.placement, LoadBalancerPlacement),
    ];
    return words.length > 0 ? words : combinationFaults(resolveChoices(given).type, given.placement);
}

function combinationFaults(type: LoadBalancerType, placement: LoadBalancerPlacement | undefined): Fault[] {
    const at = `${path}.placement`;
    if (placement === undefined) return [];
    if (type === LoadBalancerType.External) {
        return [fault(at, placement, "none, because type 'external' runs on none of the cluster's hosts")];
    }
    if (isProxy(type) || placement === LoadBalancerPlacement.ControlPlane) return [];
    const why =
        placement === LoadBalancerPlacement.Dedicated
            ? "forwards nothing, so the host with the virtual address must run kube-apiserver"
            : "moves a virtual address between hosts, and placement 'nodeLocal' has no virtual address";
    return [fault(at, placement, `'controlPlane', or type 'haproxy' or 'nginx': '${type}' ${why}`)];
}
