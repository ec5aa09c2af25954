import { LOAD_BALANCER_DEFAULTS, NETWORK_DEFAULTS, PORTS } from "./constants";
import { ClusterArgs } from "./clusterArgs";
import { privateAddressOf } from "./remote/connection";
import {
    CniArgs,
    CniPlugin,
    ControlPlaneComponentArgs,
    CoreDnsArgs,
    LoadBalancerPlacement,
    LoadBalancerTopologyArgs,
    NetworkArgs,
    NodeArgs,
    OsFamily,
    PackageRepositoryArgs,
    ProxyArgs,
    RegistryArgs,
    StorageArgs,
} from "./types";
import { CONTAINERD_REPOSITORY, DEFAULT_KUBERNETES_VERSION, kubernetesRepository } from "./versions";

/** The arguments with every default filled in: what the rest of the library reads. All plain values. */
export interface ClusterSettings {
    osFamily: OsFamily;
    kubernetesVersion: string;
    clusterName: string;
    endpoint: { host: string; port: number };
    certSANs: string[];
    network: Required<NetworkArgs>;
    cni: CniArgs & { plugin: CniPlugin };
    quotaBackendBytes?: number;
    loadBalancer: LoadBalancerTopologyArgs & { placement: LoadBalancerPlacement; port: number };
    sources: {
        kubernetes: PackageRepositoryArgs;
        containerd: PackageRepositoryArgs;
        registryMirrors: Record<string, string>;
        registries: Record<string, RegistryArgs>;
        proxy?: ProxyArgs;
        imageRepository: string;
    };
    coreDns: CoreDnsArgs;
    metricsServer: boolean;
    storage?: StorageArgs;
    apiServer: ControlPlaneComponentArgs;
    controllerManager: ControlPlaneComponentArgs;
    scheduler: ControlPlaneComponentArgs;
    kubeletConfiguration: Record<string, unknown>;
    kubeProxyConfiguration: Record<string, unknown>;
    restrictOomScoreAdj: boolean;
    controlPlaneNodes: NodeArgs[];
}

export function resolveSettings(args: ClusterArgs): ClusterSettings {
    const kubernetesVersion = args.kubernetesVersion ?? DEFAULT_KUBERNETES_VERSION;
    const osFamily = args.osFamily ?? OsFamily.Debian;
    const loadBalancer = resolveLoadBalancer(args.loadBalancer ?? {});
    return {
        osFamily,
        kubernetesVersion,
        clusterName: args.clusterName ?? "kubernetes",
        endpoint: endpointOf(args, loadBalancer),
        certSANs: args.certSANs ?? [],
        network: { ...NETWORK_DEFAULTS, ...args.network },
        cni: { ...args.cni, plugin: args.cni?.plugin ?? CniPlugin.Flannel },
        quotaBackendBytes: args.etcd?.quotaBackendBytes,
        loadBalancer,
        sources: {
            kubernetes: args.sources?.kubernetes ?? kubernetesRepository(kubernetesVersion, osFamily),
            containerd: args.sources?.containerd ?? CONTAINERD_REPOSITORY[osFamily],
            registryMirrors: args.sources?.registryMirrors ?? {},
            registries: args.sources?.registries ?? {},
            proxy: args.sources?.proxy,
            imageRepository: args.sources?.imageRepository ?? "registry.k8s.io",
        },
        coreDns: args.coreDns ?? {},
        metricsServer: args.metricsServer ?? false,
        storage: args.storage,
        apiServer: args.apiServer ?? {},
        controllerManager: args.controllerManager ?? {},
        scheduler: args.scheduler ?? {},
        kubeletConfiguration: args.kubeletConfiguration ?? {},
        kubeProxyConfiguration: args.kubeProxyConfiguration ?? {},
        restrictOomScoreAdj: args.restrictOomScoreAdj ?? false,
        controlPlaneNodes: args.controlPlaneNodes,
    };
}

function resolveLoadBalancer(args: LoadBalancerTopologyArgs): ClusterSettings["loadBalancer"] {
    const placement = args.placement ?? LoadBalancerPlacement.ControlPlane;
    const port = placement === LoadBalancerPlacement.Dedicated ? PORTS.apiServer : PORTS.loadBalancer;
    return { ...LOAD_BALANCER_DEFAULTS, ...args, placement, port: args.port ?? port };
}

// A name given by its owner leads to the balancer; else the virtual address, or the one host that balances.
function endpointOf(args: ClusterArgs, balancer: ClusterSettings["loadBalancer"]): ClusterSettings["endpoint"] {
    const hosts =
        balancer.placement === LoadBalancerPlacement.Dedicated ? (balancer.hosts ?? []) : args.controlPlaneNodes;
    const host = args.controlPlaneEndpoint ?? balancer.virtualAddress ?? privateAddressOf(hosts[0]);
    return { host, port: balancer.port };
}

export const endpointText = ({ host, port }: ClusterSettings["endpoint"]): string =>
    `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Every name and address by which a client may reach an apiserver through the balancer. */
export function endpointNames(settings: ClusterSettings): string[] {
    const { hosts = [], virtualAddress } = settings.loadBalancer;
    const balancers = hosts.flatMap((host) => [host.name, privateAddressOf(host)]);
    return [
        ...new Set([
            settings.endpoint.host,
            ...(virtualAddress ? [virtualAddress] : []),
            ...balancers,
            ...settings.certSANs,
        ]),
    ];
}
