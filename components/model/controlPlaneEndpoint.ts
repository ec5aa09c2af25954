import { isIP } from "net";
import { isCanonical, isLoopback, isSpecialAddress, isUnspecified } from "../lib/addresses";
import { Fault, duplicates, fault } from "../lib/faults";
import { isDnsName, isLocalName, isPort } from "../lib/forms";
import { PORTS } from "../lib/ports";
import { LoadBalancerSettings } from "./loadBalancer";
import { LoadBalancerPlacement } from "./loadBalancerType";
import { NetworkSettings, clusterFamilies, subnetWith } from "./network";
import { HostAt } from "./hosts";
import { HostAliasArgs } from "./hostSetup";

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
    /** Every host of the cluster; its path shows the list that has it. */
    hosts: HostAt[];
    network: NetworkSettings;
    placement: LoadBalancerPlacement | undefined;
    /** The lines of /etc/hosts that nodes get. */
    aliases: AliasesAt[];
}

/** The lines of /etc/hosts of one place of the configuration; `own` has the addresses of the only node that gets them. */
interface AliasesAt {
    path: string;
    hostAliases?: HostAliasArgs[];
    own?: (string | undefined)[];
}

export const nameFaults = (names: Names): Fault[] => [
    ...endpointFaults(names),
    ...names.aliases.flatMap((aliases) => aliasFaults(names, aliases)),
    ...clientEndpointFaults(names.clientEndpoint),
    ...sanFaults("certSANs", names.certSANs ?? []),
];

function endpointFaults(names: Names): Fault[] {
    const { controlPlaneEndpoint: endpoint, network, placement } = names;
    if (endpoint === undefined) return [];
    const wanted =
        placement === LoadBalancerPlacement.NodeLocal
            ? "a name or address that leads to the control plane nodes"
            : "a load balancer's name or address";
    const expected =
        (isDnsName(endpoint) ? expectedName(endpoint, network, wanted) : expectedAddress(endpoint, network, wanted)) ??
        expectedHost(endpoint, names, wanted);
    return expected === undefined ? [] : [fault("controlPlaneEndpoint", endpoint, expected)];
}

const OWN = "on each host this one means the host itself";

/** The expectation that the fault of a wrong name tells; undefined for a right name. */
function expectedName(name: string, { dnsDomain }: NetworkSettings, wanted: string): string | undefined {
    if (isLocalName(name)) return `${wanted}: ${OWN}`;
    const isService = ["kubernetes", "kubernetes.default"].includes(name) || name.endsWith(".svc");
    return isService || name.endsWith(`.svc.${dnsDomain}`)
        ? `${wanted}: the cluster's DNS gives this name to a Service`
        : undefined;
}

/** The same for an address. */
function expectedAddress(address: string, network: NetworkSettings, wanted: string): string | undefined {
    if (isLoopback(address) || isUnspecified(address)) return `${wanted}: ${OWN}`;
    if (!isIP(address) || isSpecialAddress(address)) return "a DNS name or an address, without a port";
    if (!isCanonical(address)) return CANONICAL;
    const families = clusterFamilies(network);
    if (families.length > 0 && !families.includes(isIP(address))) {
        return `an IPv${families.join(" or IPv")} address, as the cluster's networks are`;
    }
    const inside = subnetWith(address, network);
    return inside && `an address outside ${inside}, which is a subnet of pods or Services`;
}

/**
 * The same for the address of one host. A name may be led elsewhere, and somebody else's balancer may run on any host, so both are right. A host's
 * address for SSH may be that of a gateway.
 */
function expectedHost(endpoint: string, { hosts, placement }: Names, wanted: string): string | undefined {
    const nodes = controlPlaneOf(hosts);
    const node = nodes.find(({ address, privateAddress }) => [address, privateAddress].includes(endpoint));
    if (node && nodes.length > 1 && placement !== LoadBalancerPlacement.NodeLocal) {
        return `${wanted}: with ${node.name} alone the cluster loses its endpoint`;
    }
    const other = hosts.find(
        ({ path, host }) => !path.startsWith("loadBalancer.") && ownAddresses(host).includes(endpoint),
    );
    return other && !node && placement !== undefined
        ? `${wanted}: ${other.host.name} runs neither kube-apiserver nor a load balancer`
        : undefined;
}

const controlPlaneOf = (hosts: HostAt[]) =>
    hosts.filter(({ path }) => path.startsWith("controlPlaneNodes[")).map(({ host }) => host);

const ownAddresses = ({ privateAddress, secondaryAddress }: HostAt["host"]): (string | undefined)[] => [
    privateAddress,
    secondaryAddress,
];

/** Nodes would look the endpoint's name up and find one control plane node. A control plane node may find itself. */
function aliasFaults(names: Names, { path, hostAliases = [], own = [] }: AliasesAt): Fault[] {
    const nodes = controlPlaneOf(names.hosts);
    const name = names.controlPlaneEndpoint;
    if (name === undefined || nodes.length === 1 || names.placement === LoadBalancerPlacement.NodeLocal) return [];
    return hostAliases.flatMap(({ ip, hostnames = [] }, i) => {
        const found = nodes.find((node) => hostnames.includes(name) && ownAddresses(node).includes(ip));
        if (found === undefined || own.includes(ip)) return [];
        const expected = `the load balancer's address, because ${name} is controlPlaneEndpoint: with ${found.name} alone nodes lose their endpoint`;
        return [fault(`${path}.hostAliases[${i}].ip`, ip, expected)];
    });
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
