import { PORTS } from "../lib/ports";
import { ClusterArgs, ClusterSettings } from "./cluster";
import { privateAddressOf } from "./hosts";
import { LoadBalancerPlacement as Placement, LoadBalancerSettings } from "./loadBalancer";

/** Where clients and nodes call. */
export interface Endpoint {
    host: string;
    port: number;
}

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

export const endpointText = ({ host, port }: Endpoint): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Every name and address by which a client may reach an apiserver, but for each one's own. */
export const endpointNames = (settings: ClusterSettings): string[] => [
    ...new Set([
        settings.endpoint.host,
        settings.clientEndpoint.host,
        ...balancedNames(settings.loadBalancer),
        ...settings.certSANs,
    ]),
];
