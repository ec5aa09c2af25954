import { isIP } from "net";
import { contains, parseSubnet } from "../lib/addresses";
import { Fault, countFaults, fault } from "../lib/faults";
import { NODE_LOCAL_DNS } from "../versions/versions";
import { KubeProxyMode, NetworkSettings } from "./network";

/** CoreDNS, which kubeadm installs. */
export interface CoreDnsArgs {
    /** @default kubeadm's, 2; one that was scaled by hand keeps its number */
    replicas?: number;
    /** Requests and limits of each pod, as Kubernetes has them. @default kubeadm's: 100m and 70Mi, at most 170Mi */
    resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
    /** No two of its pods on one node while another node has none. @default true */
    spread?: boolean;
    /** A PodDisruptionBudget: how many of its pods a drain may take at one time. @default no budget */
    maxUnavailable?: number;
    /** NodeLocal DNSCache; `{}` for its defaults. @default none */
    nodeLocalCache?: NodeLocalCacheArgs;
}

/**
 * A DNS cache on every node (kubernetes.io, "Using NodeLocal DNSCache"), which needs the kernel's dummy interfaces. With
 * kube-proxy's iptables it takes CoreDNS's address on its node, and pods notice nothing. Otherwise kubelets tell new pods
 * its own address: turning it on or off restarts them, node by node, and pods that run keep what they were told until they
 * are made anew; without the cache, what was told its address finds no name.
 */
export interface NodeLocalCacheArgs {
    /** The cache's address: of the Services' first family, link-local or unique local, and used by nothing else. @default "169.254.20.10", "fd00:90:64::a" */
    address?: string;
    /** @default "registry.k8s.io/dns/k8s-dns-node-cache:1.26.7", from `sources.imageRepository` */
    image?: string;
}

/** CoreDNS with every default filled in; kubeadm's own defaults stay kubeadm's. */
export interface CoreDnsSettings extends Omit<CoreDnsArgs, "spread" | "nodeLocalCache"> {
    spread: boolean;
    nodeLocalCache?: NodeLocalCacheSettings;
}

/** The DNS cache of every node. */
export interface NodeLocalCacheSettings {
    image?: string;
    /** The address that the cache listens on, the same on every node. */
    local: string;
    /** CoreDNS's Service. */
    service: string;
    /** Whether the cache takes the service's address as well, so that pods need not be told of it. */
    takesService: boolean;
}

/**
 * The cache takes the service's address where kube-proxy writes iptables'
 * rules, which its own rules come before. With ipvs the address is taken; nftables are not its business (kubernetes/dns,
 * issue 682); a CNI plugin without kube-proxy may have an opinion of its own. There, kubelets tell pods the local address.
 */
export function resolveCoreDns(
    { nodeLocalCache, spread = true, ...args }: CoreDnsArgs = {},
    network: NetworkSettings,
): CoreDnsSettings {
    if (!nodeLocalCache) return { ...args, spread };
    const { dnsAddress: service, kubeProxy } = network;
    const { address = service.includes(":") ? NODE_LOCAL_DNS.addressV6 : NODE_LOCAL_DNS.addressV4, image } =
        nodeLocalCache;
    const takesService = kubeProxy === KubeProxyMode.Iptables;
    return { ...args, spread, nodeLocalCache: { image, local: address, service, takesService } };
}

/** The kubelets' `clusterDNS`, where pods must use the cache's own address. */
export const clusterDns = ({ nodeLocalCache: cache }: CoreDnsSettings): { clusterDNS?: string[] } =>
    cache && !cache.takesService ? { clusterDNS: [cache.local] } : {};

export function coreDnsFaults(coreDns: CoreDnsSettings): Fault[] {
    return [
        ...countFaults("coreDns.replicas", coreDns.replicas),
        ...countFaults("coreDns.maxUnavailable", coreDns.maxUnavailable),
        ...(coreDns.nodeLocalCache ? cacheFaults(coreDns.nodeLocalCache) : []),
    ];
}

const LOCAL_RANGES = ["169.254.0.0/16", "fd00::/8"].map((range) => parseSubnet(range)!);

function cacheFaults({ local: address, service, image }: NodeLocalCacheSettings): Fault[] {
    const at = "coreDns.nodeLocalCache";
    const family = service.includes(":") ? 6 : 4;
    const faults = image === "" ? [fault(`${at}.image`, image, "an image")] : [];
    if (isIP(address) !== family) {
        faults.push(
            fault(
                `${at}.address`,
                address,
                `an IPv${family} address, because serviceSubnet's first network is IPv${family}`,
            ),
        );
    } else if (!LOCAL_RANGES.some((range) => contains(range, address))) {
        faults.push(
            fault(
                `${at}.address`,
                address,
                "an unused address, link-local (169.254.0.0/16) or unique local (fd00::/8)",
            ),
        );
    }
    return faults;
}
