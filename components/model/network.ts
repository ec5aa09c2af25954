import { isIP } from "net";
import { Subnet, contains, nthAddress, overlap, parseSubnet } from "../lib/addresses";
import { Fault, fault, inRange } from "../lib/faults";
import { isDnsName } from "../lib/forms";
import { HostAt, HostSettings } from "./hosts";

export interface NetworkArgs {
    /**
     * The pods' addresses: one network, or one of each family with a comma between them (examples/dual-stack). Every
     * node takes a /24 of IPv4 and a /64 of IPv6, or what kube-controller-manager's flags `node-cidr-mask-size-ipv4` and
     * `-ipv6` say. A node has no more pods than addresses: with a smaller subnet set `maxPods` of
     * `kubeletConfiguration`. Calico takes blocks of its own, a /26 of IPv4 and a /122 of IPv6.
     * @kind CIDR
     * @default "10.244.0.0/16"
     * @change Refused.
     */
    podSubnet?: string;
    /**
     * The Services' addresses, of the same families.
     * @kind CIDR
     * @default "10.96.0.0/12"
     * @change Refused.
     */
    serviceSubnet?: string;
    /**
     * The cluster's DNS domain.
     * @default "cluster.local"
     * @change Refused.
     */
    dnsDomain?: string;
    /**
     * kube-proxy's mode: `iptables`, `nftables`, `ipvs` (refused where the kernel lacks ip_vs), or `none` with a CNI
     * plugin that replaces kube-proxy.
     * @default "iptables"
     * @change kube-proxy's pods restart, one after the other. `none` removes them; their rules stay until a node
     * reboots.
     */
    kubeProxy?: KubeProxyMode;
}

/** How Services reach their pods: kube-proxy's modes, or none where the CNI plugin does it itself. */
export const KubeProxyMode = { Iptables: "iptables", Nftables: "nftables", Ipvs: "ipvs", None: "none" } as const;
export type KubeProxyMode = (typeof KubeProxyMode)[keyof typeof KubeProxyMode];

export const NETWORK_DEFAULTS = {
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/12",
    dnsDomain: "cluster.local",
    kubeProxy: KubeProxyMode.Iptables,
} as const;

/** A cluster's subnets by family: one, or one of each. */
export interface Subnets {
    v4?: string;
    v6?: string;
}

/** The network with every default filled in. The two subnets stand there twice: as kubeadm writes them, and by family. */
export interface NetworkSettings extends Required<NetworkArgs> {
    podSubnets: Subnets;
    serviceSubnets: Subnets;
    /** The Service's address of the cluster's DNS (kubeadm constants.GetDNSIP). */
    dnsAddress: string;
}

export function resolveNetwork(args: NetworkArgs = {}): NetworkSettings {
    const network = { ...NETWORK_DEFAULTS, ...args };
    const [firstServiceSubnet] = splitSubnets(network.serviceSubnet);
    return {
        ...network,
        // kubeadm takes no blank after the comma.
        podSubnet: splitSubnets(network.podSubnet).join(),
        serviceSubnet: splitSubnets(network.serviceSubnet).join(),
        podSubnets: byFamily(network.podSubnet),
        serviceSubnets: byFamily(network.serviceSubnet),
        dnsAddress: nthAddress(firstServiceSubnet, 10),
    };
}

/** The ranges and the domain, which cannot be changed on a live cluster, as one text. */
export const networkWords = ({ podSubnet, serviceSubnet, dnsDomain }: NetworkSettings): string =>
    `pods ${podSubnet}, services ${serviceSubnet}, domain ${dnsDomain}`;

/** Subnets as kubeadm writes them: one, or one of each family with a comma between. */
export const splitSubnets = (subnets: string): string[] => subnets.split(",").map((subnet) => subnet.trim());

function byFamily(subnets: string): Subnets {
    const list = splitSubnets(subnets);
    return { v4: list.find((subnet) => !subnet.includes(":")), v6: list.find((subnet) => subnet.includes(":")) };
}

/**
 * The first address of each network of Services, where a host needs a route to it. Mode ipvs has the addresses on an interface, and a
 * CNI plugin in place of kube-proxy replaces them before the route is looked up.
 */
export const routedServices = ({ kubeProxy, serviceSubnets: { v4, v6 } }: NetworkSettings): string[] =>
    (kubeProxy === KubeProxyMode.Ipvs || kubeProxy === KubeProxyMode.None ? [] : [v4, v6])
        .filter((subnet) => subnet !== undefined)
        .map((subnet) => nthAddress(subnet, 1));

/** The families of the cluster's networks, 4 and 6; none where they cannot be parsed. */
export const clusterFamilies = ({ podSubnet }: NetworkSettings): number[] =>
    (parseSubnets(podSubnet) ?? []).map(({ family }) => family);

/** A pod's or a Service's subnet that has the address. */
export function subnetWith(address: string, { podSubnet, serviceSubnet }: NetworkSettings): string | undefined {
    const subnets = [podSubnet, serviceSubnet].flatMap((text) => parseSubnets(text) ?? []);
    const inside = subnets.find((subnet) => contains(subnet, address));
    return inside && `${inside.address}/${inside.prefix}`;
}

/** The pods' and services' addresses, how they are reached, and that no host is in the way. */
export function networkFaults(network: NetworkSettings, nodes: HostAt[], others: HostAt[]): Fault[] {
    const pods = parseSubnets(network.podSubnet);
    const services = parseSubnets(network.serviceSubnet);
    return [
        ...(pods ? [] : [subnetFault("podSubnet", network)]),
        ...(services ? serviceSizeFaults(network, services) : [subnetFault("serviceSubnet", network)]),
        ...(pods && services ? pairFaults(network, pods, services) : []),
        ...(isDnsName(network.dnsDomain) ? [] : [fault("network.dnsDomain", network.dnsDomain, "a DNS domain")]),
        ...[...nodes, ...others].flatMap((host) => insideFaults(host, network)),
        ...nodes.flatMap(({ path, host }) => familyFaults(path, host, pods ?? [])),
    ];
}

/** One network, or one of each family; undefined when it is neither. */
export function parseSubnets(text: string): Subnet[] | undefined {
    const subnets = splitSubnets(text).map(parseSubnet);
    const parsed = subnets.filter((subnet) => subnet !== undefined);
    const families = new Set(parsed.map(({ family }) => family));
    return parsed.length === subnets.length && parsed.length === families.size ? parsed : undefined;
}

/** kubeadm takes at most 20 bits of Services, and CoreDNS has the tenth address (validation.ValidateServiceSubnetSize, GetDNSIP). */
const SERVICE_PREFIXES = { 4: { least: 12, most: 28 }, 6: { least: 108, most: 124 } } as const;

function subnetFault(field: "podSubnet" | "serviceSubnet", network: NetworkSettings): Fault {
    const expected =
        "a network in CIDR form, e.g. '10.244.0.0/16', or an IPv4 and an IPv6 network, separated by a comma";
    return fault(`network.${field}`, network[field], expected);
}

const serviceSizeFaults = ({ serviceSubnet }: NetworkSettings, subnets: Subnet[]): Fault[] =>
    subnets
        .map(({ family, prefix }) => ({ family, prefix, ...SERVICE_PREFIXES[family] }))
        .filter(({ prefix, least, most }) => !inRange(prefix, least, most))
        .map(({ family, least, most }) =>
            fault(
                "network.serviceSubnet",
                serviceSubnet,
                `a prefix of ${least} to ${most} (IPv${family}): kubeadm takes no other`,
            ),
        );

function pairFaults(network: NetworkSettings, pods: Subnet[], services: Subnet[]): Fault[] {
    const path = "network.serviceSubnet";
    if (families(pods) !== families(services)) {
        return [fault(path, network.serviceSubnet, `subnets of the same families as podSubnet, ${network.podSubnet}`)];
    }
    return pods.some((range) => services.some((other) => overlap(range, other)))
        ? [fault(path, network.serviceSubnet, `a subnet apart from podSubnet, ${network.podSubnet}`)]
        : [];
}

const families = (subnets: Subnet[]): string => subnets.map(({ family }) => family).join();

/** The field that has the address of the cluster's traffic. */
const addressPath = (path: string, { address, privateAddress }: HostSettings): string =>
    `${path}.${privateAddress === address ? "address" : "privateAddress"}`;

/** No host is in the way of pods and Services. */
function insideFaults({ path, host }: HostAt, network: NetworkSettings): Fault[] {
    const places = {
        [addressPath(path, host)]: host.privateAddress,
        [`${path}.secondaryAddress`]: host.secondaryAddress,
    };
    return Object.entries(places).flatMap(([at, address]) => {
        const inside = subnetWith(address ?? "", network);
        const expected = `an address outside ${inside}, which is a subnet of pods or Services`;
        return inside ? [fault(at, address, expected)] : [];
    });
}

/** A node has an address of each of the cluster's families, its first address in the first of them. */
function familyFaults(path: string, node: HostSettings, pods: Subnet[]): Fault[] {
    const [first, second] = pods.map(({ family }) => family);
    const address = node.privateAddress;
    const other = node.secondaryAddress;
    const faults: Fault[] = [];
    if (first && isIP(address) && isIP(address) !== first) {
        faults.push(
            fault(
                addressPath(path, node),
                address,
                `an IPv${first} address, because podSubnet's first network is IPv${first}`,
            ),
        );
    }
    if (second && isIP(other ?? "") !== second) {
        faults.push(
            fault(`${path}.secondaryAddress`, other, `an IPv${second} address of the host: podSubnet is dual-stack`),
        );
    }
    if (first && !second && other !== undefined) {
        faults.push(fault(`${path}.secondaryAddress`, other, "none, because podSubnet has one address family"));
    }
    return faults;
}
