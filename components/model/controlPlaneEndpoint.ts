import { isIP } from "net";
import { isCanonical, isLoopback, isSpecialAddress } from "../lib/addresses";
import { Fault, duplicates, fault } from "../lib/faults";
import { isDnsName, isPort } from "../lib/forms";
import { PORTS } from "../lib/ports";
import { LoadBalancerSettings } from "./loadBalancer";
import { LoadBalancerPlacement } from "./loadBalancerType";
import { NetworkSettings, clusterFamilies } from "./network";
import { HostSettings } from "./hosts";

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

/** The endpoint of clients outside the cluster, and of the administrator's kubeconfig: `given`, or the one that leads there by itself. */
export function clientsEndpoint(balancer: LoadBalancerSettings, name?: string, given?: string): Endpoint {
    return { ...ownClientsEndpoint(balancer, name), ...(given === undefined ? {} : parseEndpoint(given)) };
}

// A node-local balancer does not listen for clients outside its node.
function ownClientsEndpoint(balancer: LoadBalancerSettings, name: string | undefined): Endpoint {
    if (balancer.placement !== LoadBalancerPlacement.NodeLocal) return nodesEndpoint(balancer, name);
    return { host: name ?? balancer.backends[0].address, port: PORTS.apiServer };
}

/** `host`, or `host:port`; an IPv6 address with a port stands in brackets. */
function parseEndpoint(text: string): Partial<Endpoint> {
    if (isIP(text)) return { host: text };
    const [, v6, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
    return { host: v6 ?? name, ...(port === undefined ? {} : { port: Number(port) }) };
}

/** Every name and address by which an apiserver may be reached through the balancer. */
export function balancedNames({ placement, hosts, virtualAddress }: LoadBalancerSettings): string[] {
    if (placement === LoadBalancerPlacement.NodeLocal) return ["127.0.0.1", "localhost"];
    return [...(virtualAddress ? [virtualAddress] : []), ...hosts.flatMap((host) => [host.name, host.privateAddress])];
}

/** The values that the rules for kube-apiserver's names read. */
interface Names {
    controlPlaneEndpoint?: string;
    clientEndpoint?: string;
    certSANs?: string[];
    controlPlane: HostSettings[];
    network: NetworkSettings;
    placement: LoadBalancerPlacement | undefined;
}

export const nameFaults = (names: Names): Fault[] => [
    ...endpointFaults(names),
    ...clientEndpointFaults(names.clientEndpoint),
    ...sanFaults("certSANs", names.certSANs ?? []),
];

function endpointFaults({ controlPlaneEndpoint: endpoint, controlPlane, network, placement }: Names): Fault[] {
    const path = "controlPlaneEndpoint";
    if (endpoint === undefined || isDnsName(endpoint)) return [];
    if (!isIP(endpoint) || isSpecialAddress(endpoint)) {
        return [fault(path, endpoint, "a DNS name or an address, without a port")];
    }
    if (!isCanonical(endpoint)) return [fault(path, endpoint, CANONICAL)];
    const families = clusterFamilies(network);
    if (families.length > 0 && !families.includes(isIP(endpoint))) {
        return [fault(path, endpoint, `an IPv${families.join(" or IPv")} address, as the cluster's networks are`)];
    }
    const node = controlPlane.find(({ address, privateAddress }) => [address, privateAddress].includes(endpoint));
    if (!node || controlPlane.length === 1 || placement === LoadBalancerPlacement.NodeLocal) return [];
    return [
        fault(
            path,
            endpoint,
            `a load balancer's name or address: with ${node.name} alone the cluster loses its endpoint`,
        ),
    ];
}

// A loopback address is the operator's own end of a tunnel.
function clientEndpointFaults(endpoint: string | undefined): Fault[] {
    if (endpoint === undefined) return [];
    const { host = "", port = PORTS.apiServer } = parseEndpoint(endpoint);
    const isAddress = isIP(host) !== 0 && (isLoopback(host) || !isSpecialAddress(host));
    if (!isPort(port) || !(isDnsName(host) || isAddress)) {
        const expected = "a DNS name or an address, with a port or without: k8s.example.com:6443, [2001:db8::5]:6443";
        return [fault("clientEndpoint", endpoint, expected)];
    }
    return isCanonical(host) ? [] : [fault("clientEndpoint", endpoint, CANONICAL)];
}

const CANONICAL = "its shortest spelling (RFC 5952): fd00::100";

/** Faults of names for a certificate. */
export function sanFaults(path: string, names: string[]): Fault[] {
    const at = (i: number) => `${path}[${i}]`;
    const wrong = names.flatMap((san, i) => {
        if (isIP(san)) return isCanonical(san) ? [] : [fault(at(i), san, CANONICAL)];
        // A client takes no wildcard for a whole top-level domain.
        const fits = san.startsWith("*.") ? isDnsName(san.slice(2)) && san.slice(2).includes(".") : isDnsName(san);
        return fits ? [] : [fault(at(i), san, "a DNS name, '*.' and a domain, or an IP address")];
    });
    const twice = names.map((value, i) => ({ path: at(i), value }));
    return [...wrong, ...duplicates(twice, "a name")];
}
