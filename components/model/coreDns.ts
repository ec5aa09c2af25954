import { isIP } from "net";
import { contains, parseSubnet } from "../lib/addresses";
import { Fault, count, countFaults, fault } from "../lib/faults";
import { amountOf, isQuantity } from "../lib/forms";
import { NODE_LOCAL_DNS } from "../versions/versions";
import { CorefileArgs, corefileFaults } from "./corefile";
import { KubeProxyMode, NetworkSettings } from "./network";

/** Quantities as Kubernetes writes them: `{ memory: 170Mi }`. */
export interface ResourcesArgs {
    /**
     * The resource requests of each pod.
     * @otherwise kubeadm's
     * @change As for `replicas`.
     */
    requests?: Record<string, string>;
    /**
     * The resource limits of each pod.
     * @otherwise kubeadm's
     * @change As for `replicas`.
     */
    limits?: Record<string, string>;
}

/** CoreDNS, which kubeadm installs. */
export interface CoreDnsArgs extends CorefileArgs {
    /**
     * The number of CoreDNS's pods. Without this option a number that was set by hand stays.
     * @asType integer
     * @otherwise kubeadm's: 2
     * @change CoreDNS's pods are replaced in a rolling update.
     */
    replicas?: number;
    /**
     * The requests and limits of each pod.
     * @otherwise kubeadm's: 100m and 70Mi, at most 170Mi
     * @change As for `replicas`.
     */
    resources?: ResourcesArgs;
    /**
     * No two pods share a node while another node has none.
     * @default true
     * @change As for `replicas`.
     */
    spread?: boolean;
    /**
     * A PodDisruptionBudget: the number of pods that a drain may evict at a time, 1 to `replicas` - 1 (1 with one pod).
     * @asType integer
     * @otherwise no budget
     * @change Applied.
     */
    maxUnavailable?: number;
    /**
     * NodeLocal DNSCache (`{}` for its defaults), a cache on every node. It needs the kernel module `dummy`.
     * @change With kube-proxy's `iptables`, the cache takes CoreDNS's address on its node, and nothing else changes.
     * Otherwise kubelets give new pods the cache's address: rolled out, and running pods keep their old DNS server
     * until they are recreated.
     */
    nodeLocalCache?: NodeLocalCacheArgs;
}

/**
 * A DNS cache on every node (kubernetes.io, "Using NodeLocal DNSCache"), which needs the kernel's dummy interfaces. With
 * kube-proxy's iptables it takes CoreDNS's address on its node, and pods notice nothing. Otherwise kubelets tell new pods
 * its own address: turning it on or off restarts them, node by node, and pods that run keep what they were told until they
 * are made anew; without the cache, what was told its address finds no name.
 */
export interface NodeLocalCacheArgs {
    /**
     * The cache's address: of the Services' first family, link-local or unique local, and unused.
     * @kind IP address
     * @otherwise `169.254.20.10`, with IPv6 `fd00:90:64::a`
     * @change As for `coreDns.nodeLocalCache`.
     */
    address?: string;
    /**
     * The image.
     * @otherwise `dns/k8s-dns-node-cache:1.26.7` below `sources.imageRepository`
     * @change Applied.
     */
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
 * The cache takes the service's address where kube-proxy writes iptables' rules, because its own rules come before them. Otherwise kubelets
 * tell pods the local address: with ipvs kube-proxy's interface has the service's, the cache does not support nftables (kubernetes/dns, issue 682),
 * and a CNI plugin that replaces kube-proxy may redirect DNS itself.
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

export function coreDnsFaults(coreDns: CoreDnsSettings, network: NetworkSettings): Fault[] {
    return [
        ...countFaults("coreDns.replicas", coreDns.replicas),
        ...budgetFaults(coreDns),
        ...(["requests", "limits"] as const).flatMap((kind) =>
            Object.entries(coreDns.resources?.[kind] ?? {}).flatMap((resource) =>
                resourceFaults(`coreDns.resources.${kind}`, resource),
            ),
        ),
        ...requestFaults(coreDns.resources),
        ...corefileFaults(coreDns, { network, nodeLocalCache: coreDns.nodeLocalCache }),
        ...(coreDns.nodeLocalCache ? cacheFaults(coreDns.nodeLocalCache) : []),
    ];
}

/** kubeadm's number of CoreDNS's pods. */
const REPLICAS = 2;

/** A budget that lets a drain take every pod is none; one pod alone must be let go. */
function budgetFaults({ replicas = REPLICAS, maxUnavailable }: CoreDnsSettings): Fault[] {
    return count("coreDns.maxUnavailable", maxUnavailable, 1, Math.max(1, replicas - 1));
}

function resourceFaults(path: string, [name, quantity]: [string, string]): Fault[] {
    const at = `${path}.${name}`;
    if (!/^(cpu|memory|ephemeral-storage|hugepages-\w+)$/.test(name)) {
        return [fault(at, name, "cpu, memory, ephemeral-storage or hugepages-<size>")];
    }
    return isQuantity(quantity) ? [] : [fault(at, quantity, "a quantity, e.g. '100m' of cpu or '170Mi' of memory")];
}

/** kubeadm's own (cmd/kubeadm/app/phases/addons/dns/manifests.go), which those that are given are merged with. */
const RESOURCES = { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "170Mi" } };

/** kube-apiserver refuses a request above its limit. */
function requestFaults(given: ResourcesArgs = {}): Fault[] {
    const requests: Record<string, string> = { ...RESOURCES.requests, ...given.requests };
    const limits: Record<string, string> = { ...RESOURCES.limits, ...given.limits };
    return Object.entries(requests)
        .filter(([name, request]) => name in limits && isQuantity(request) && isQuantity(limits[name]))
        .filter(([name, request]) => amountOf(request) > amountOf(limits[name]))
        .map(([name, request]) =>
            given.requests?.[name] === undefined
                ? fault(
                      `coreDns.resources.limits.${name}`,
                      limits[name],
                      `at least the request, ${request} (kubeadm's)`,
                  )
                : fault(`coreDns.resources.requests.${name}`, request, `at most the limit, ${limits[name]}`),
        );
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
