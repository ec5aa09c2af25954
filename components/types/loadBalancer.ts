import { HostArgs } from "./hosts";

/** Where the load balancer runs. */
export const LoadBalancerPlacement = { ControlPlane: "controlPlane", Dedicated: "dedicated" } as const;
export type LoadBalancerPlacement = (typeof LoadBalancerPlacement)[keyof typeof LoadBalancerPlacement];

export interface LoadBalancerTopologyArgs {
    /** `controlPlane`: haproxy on every control plane node, the virtual address on one of them. `dedicated`: haproxy on hosts of its own. @default "controlPlane" */
    placement?: LoadBalancerPlacement;
    /** The dedicated hosts; one, or more with a virtual address. */
    hosts?: HostArgs[];
    /** The address that keepalived keeps on one healthy host. Required on control planes and with more than one dedicated host. */
    virtualAddress?: string;
    /** The port of the endpoint. @default 8443 on control plane nodes (6443 is kube-apiserver's own), 6443 on dedicated hosts */
    port?: number;
    /** Seconds between VRRP advertisements; a lost holder is noticed after about three of them. @default 1 */
    advertInterval?: number;
    /** VRRP's id, 1 to 255: unique among the keepalived clusters of one network. @default 51 */
    virtualRouterId?: number;
}
