import { ClusterSettings } from "../settings";
import { KubeProxyMode } from "../types";
import { NODE_LOCAL_DNS } from "../versions";
import { serviceAddress } from "./families";

/** Where a node's cache is asked. */
export interface NodeLocalDns {
    /** On every node, and on each of them another's. */
    local: string;
    /** CoreDNS's service. */
    service: string;
    /** Whether the cache takes the service's address as well, so that pods need not be told of it. */
    takesService: boolean;
}

/**
 * The cache of every node; nothing when there is none. It takes the service's address where kube-proxy writes iptables'
 * rules, which its own rules come before. With ipvs the address is taken; nftables are not its business (kubernetes/dns,
 * issue 682); a CNI plugin without kube-proxy may have an opinion of its own. There, kubelets tell pods the local address.
 */
export function nodeLocalDns({ coreDns, network }: ClusterSettings): NodeLocalDns | undefined {
    if (!coreDns.nodeLocalCache) return undefined;
    const service = serviceAddress(network.serviceSubnet, 10);
    const { address = service.includes(":") ? NODE_LOCAL_DNS.addressV6 : NODE_LOCAL_DNS.addressV4 } =
        coreDns.nodeLocalCache;
    return { local: address, service, takesService: network.kubeProxy === KubeProxyMode.Iptables };
}

/** What the kubelets tell pods to ask, where that is not the service's address. */
export function clusterDns(settings: ClusterSettings): { clusterDNS?: string[] } {
    const dns = nodeLocalDns(settings);
    return dns && !dns.takesService ? { clusterDNS: [dns.local] } : {};
}
