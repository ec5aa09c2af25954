import { NETWORK_DEFAULTS } from "./constants";
import { ClusterArgs } from "./clusterArgs";
import {
    balancedNames,
    clientsEndpoint,
    Endpoint,
    LoadBalancerSettings,
    nodesEndpoint,
    resolveLoadBalancer,
} from "./loadBalancerSettings";
import {
    CniArgs,
    CniPlugin,
    ControlPlaneComponentArgs,
    CoreDnsArgs,
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
    /** What nodes call. */
    endpoint: Endpoint;
    /** What everyone else calls. */
    clientEndpoint: Endpoint;
    certSANs: string[];
    network: Required<NetworkArgs>;
    cni: CniArgs & { plugin: CniPlugin };
    quotaBackendBytes?: number;
    loadBalancer: LoadBalancerSettings;
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
    const loadBalancer = resolveLoadBalancer(args.loadBalancer);
    return {
        osFamily,
        kubernetesVersion,
        clusterName: args.clusterName ?? "kubernetes",
        endpoint: nodesEndpoint(args, loadBalancer),
        clientEndpoint: clientsEndpoint(args, loadBalancer),
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
