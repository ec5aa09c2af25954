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
    /** No proxy: the kernel (IPVS) passes packets on to healthy apiservers, which keepalived lists; they answer clients directly. */
    Lvs: "lvs",
    /** One that exists already: a cloud's or a hardware balancer behind `controlPlaneEndpoint`. */
    External: "external",
} as const;
export type LoadBalancerType = (typeof LoadBalancerType)[keyof typeof LoadBalancerType];

/** Where the load balancer runs. */
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

/**
 * The placement in one word, for the scripts; a live cluster keeps it. LVS has a word of its own: kube-apiservers' hosts
 * hold the virtual address too, and cannot begin to at the same moment as the dedicated hosts begin to pass packets on.
 */
export const placementWord = ({ type, placement }: BalancerChoices): string =>
    type === LoadBalancerType.Lvs ? type : (placement ?? "external");

export const isProxy = (type: LoadBalancerType): boolean =>
    type === LoadBalancerType.Haproxy || type === LoadBalancerType.Nginx;

/** Whether clients' packets reach a kube-apiserver through a host of the balancer, instead of by an address that moves to it. */
export const forwards = (type: LoadBalancerType): boolean => isProxy(type) || type === LoadBalancerType.Lvs;

/** Whether keepalived moves the virtual address, where there is one. */
export const runsKeepalived = ({ type, placement }: BalancerChoices): boolean =>
    placement !== undefined && placement !== LoadBalancerPlacement.NodeLocal && type !== LoadBalancerType.KubeVip;

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

const NO_ADDRESS = "moves a virtual address between hosts, and placement 'nodeLocal' has no virtual address";
const ADDRESS_ALONE = {
    [LoadBalancerPlacement.Dedicated]: "forwards nothing, so the host with the virtual address must run kube-apiserver",
    [LoadBalancerPlacement.NodeLocal]: NO_ADDRESS,
};

/** The placements that a type cannot have, each with the reason. */
const UNFIT: Record<LoadBalancerType, Partial<Record<LoadBalancerPlacement, string>>> = {
    [LoadBalancerType.Haproxy]: {},
    [LoadBalancerType.Nginx]: {},
    [LoadBalancerType.Keepalived]: ADDRESS_ALONE,
    [LoadBalancerType.KubeVip]: ADDRESS_ALONE,
    [LoadBalancerType.Lvs]: {
        // The holder passes a packet on to another host, whose own IPVS passes it on again, perhaps back.
        [LoadBalancerPlacement.ControlPlane]:
            "needs hosts without kube-apiserver: two that do both would pass packets on to each other in a loop",
        [LoadBalancerPlacement.NodeLocal]: NO_ADDRESS,
    },
    [LoadBalancerType.External]: {},
};

function combinationFaults(type: LoadBalancerType, given: LoadBalancerPlacement | undefined): Fault[] {
    const at = `${path}.placement`;
    if (type === LoadBalancerType.External) {
        return given === undefined
            ? []
            : [fault(at, given, "none, because type 'external' runs on none of the cluster's hosts")];
    }
    const why = UNFIT[type][given ?? LoadBalancerPlacement.ControlPlane];
    if (why === undefined) return [];
    const [fit] = Object.values(LoadBalancerPlacement).filter((placement) => !(placement in UNFIT[type]));
    return [fault(at, given, `'${fit}', or type 'haproxy' or 'nginx': '${type}' ${why}`)];
}
