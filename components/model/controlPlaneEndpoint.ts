import { isIP } from "net";
import { Fault, fault } from "../lib/faults";
import { PORTS } from "../lib/ports";
import { isDnsName } from "./hosts";
import { LoadBalancerSettings } from "./loadBalancer";
import { LoadBalancerPlacement } from "./loadBalancerType";

/** Where clients or nodes call. */
export interface Endpoint {
    host: string;
    port: number;
}

/** The endpoint that every node calls; kubeadm's controlPlaneEndpoint. It is the same text on all nodes. */
export function nodesEndpoint(balancer: LoadBalancerSettings, name?: string): Endpoint {
    const { placement, port, virtualAddress, balancers } = balancer;
    if (placement === LoadBalancerPlacement.NodeLocal) return { host: "127.0.0.1", port };
    return { host: name ?? virtualAddress ?? balancers[0].privateAddress, port };
}

/** The endpoint in the administrator's kubeconfig. A node-local balancer does not listen for clients outside its node. */
export function clientsEndpoint(balancer: LoadBalancerSettings, name?: string): Endpoint {
    if (balancer.placement !== LoadBalancerPlacement.NodeLocal) return nodesEndpoint(balancer, name);
    return { host: name ?? balancer.backends[0].address, port: PORTS.apiServer };
}

/** Every name and address by which an apiserver may be reached through the balancer. */
export function balancedNames({ placement, hosts, virtualAddress }: LoadBalancerSettings): string[] {
    if (placement === LoadBalancerPlacement.NodeLocal) return ["127.0.0.1", "localhost"];
    return [...(virtualAddress ? [virtualAddress] : []), ...hosts.flatMap((host) => [host.name, host.privateAddress])];
}

export function nameFaults(endpoint: string | undefined, certSANs: string[]): Fault[] {
    return [
        ...(endpoint === undefined || isIP(endpoint) || isDnsName(endpoint)
            ? []
            : [fault("controlPlaneEndpoint", endpoint, "a DNS name or an address, without a port")]),
        ...certSANs.flatMap((san, i) =>
            isIP(san) || isDnsName(san.replace(/^\*\./, ""))
                ? []
                : [fault(`certSANs[${i}]`, san, "a DNS name or an IP address")],
        ),
    ];
}
