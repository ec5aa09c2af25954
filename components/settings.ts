import { Binaries, resolveBinaries, resolveEtcdArchive } from "./binaries";
import { DEFAULT_DRAIN_TIMEOUT_SECONDS, NETWORK_DEFAULTS } from "./constants";
import { ClusterArgs } from "./clusterArgs";
import { FirewallSettings, resolveFirewall } from "./firewall";
import { EtcdSettings, resolveEtcd } from "./etcdSettings";
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
    EtcdSourceArgs,
    NetworkArgs,
    NodeArgs,
    OsFamily,
    PackageRepositoryArgs,
    ProxyArgs,
    RegistryArgs,
    StorageArgs,
} from "./types";
import { CONTAINERD_REPOSITORY, DEFAULT_KUBERNETES_VERSION, etcdImage, kubernetesRepository } from "./versions";

/** What any host with a kubelet is made from. */
export interface KubeletSettings {
    osFamily: OsFamily;
    kubernetesVersion: string;
    sources: {
        kubernetes: PackageRepositoryArgs;
        containerd: PackageRepositoryArgs;
        /** Programs as files; then no package is installed. */
        binaries?: Binaries;
        etcd: EtcdSourceArgs;
        registryMirrors: Record<string, string>;
        registries: Record<string, RegistryArgs>;
        proxy?: ProxyArgs;
        imageRepository: string;
    };
    kubeletConfiguration: Record<string, unknown>;
    restrictOomScoreAdj: boolean;
}

/** The arguments with every default filled in: what the rest of the library reads. All plain values. */
export interface ClusterSettings extends KubeletSettings {
    clusterName: string;
    /** What nodes call. */
    endpoint: Endpoint;
    /** What everyone else calls. */
    clientEndpoint: Endpoint;
    certSANs: string[];
    network: Required<NetworkArgs>;
    cni: CniArgs & { plugin: CniPlugin };
    etcd: EtcdSettings;
    loadBalancer: LoadBalancerSettings;
    firewall: FirewallSettings;
    coreDns: CoreDnsArgs;
    metricsServer: boolean;
    storage?: StorageArgs;
    apiServer: ControlPlaneComponentArgs;
    controllerManager: ControlPlaneComponentArgs;
    scheduler: ControlPlaneComponentArgs;
    kubeProxyConfiguration: Record<string, unknown>;
    controlPlaneNodes: NodeArgs[];
    drainTimeoutSeconds: number;
}

export function resolveSettings(args: ClusterArgs): ClusterSettings {
    const loadBalancer = resolveLoadBalancer(args.loadBalancer);
    const network = { ...NETWORK_DEFAULTS, ...args.network };
    const endpoint = nodesEndpoint(args, loadBalancer);
    const kubelet = resolveKubelet({
        ...args,
        sources: { ...args.sources, proxy: keptOff(args, network, endpoint.host) },
    });
    return {
        ...kubelet,
        clusterName: args.clusterName ?? "kubernetes",
        endpoint,
        clientEndpoint: clientsEndpoint(args, loadBalancer),
        certSANs: args.certSANs ?? [],
        network,
        cni: { ...args.cni, plugin: args.cni?.plugin ?? CniPlugin.Flannel },
        etcd: resolveEtcd(args, etcdProgram(kubelet)),
        loadBalancer,
        firewall: resolveFirewall(args.firewall),
        coreDns: args.coreDns ?? {},
        metricsServer: args.metricsServer ?? false,
        storage: args.storage,
        apiServer: args.apiServer ?? {},
        controllerManager: args.controllerManager ?? {},
        scheduler: args.scheduler ?? {},
        kubeProxyConfiguration: args.kubeProxyConfiguration ?? {},
        controlPlaneNodes: args.controlPlaneNodes,
        drainTimeoutSeconds: args.drainTimeoutSeconds ?? DEFAULT_DRAIN_TIMEOUT_SECONDS,
    };
}

// The cluster's own traffic never takes the proxy, whatever containerd is asked for.
function keptOff({ sources }: ClusterArgs, network: Required<NetworkArgs>, endpoint: string): ProxyArgs | undefined {
    const { proxy } = sources ?? {};
    const subnets = [network.podSubnet, network.serviceSubnet].flatMap((subnet) => subnet.split(","));
    return (
        proxy && { ...proxy, no: [...new Set([`.${network.dnsDomain}`, endpoint, ...subnets, ...(proxy.no ?? [])])] }
    );
}

export function resolveKubelet(
    args: Pick<
        ClusterArgs,
        "osFamily" | "kubernetesVersion" | "sources" | "kubeletConfiguration" | "restrictOomScoreAdj"
    >,
): KubeletSettings {
    const { osFamily = OsFamily.Debian, kubernetesVersion = DEFAULT_KUBERNETES_VERSION } = args;
    return {
        osFamily,
        kubernetesVersion,
        sources: {
            kubernetes: args.sources?.kubernetes ?? kubernetesRepository(kubernetesVersion, osFamily),
            containerd: args.sources?.containerd ?? CONTAINERD_REPOSITORY[osFamily],
            binaries: resolveBinaries(args.sources?.binaries, kubernetesVersion),
            etcd: resolveEtcdArchive(args.sources, kubernetesVersion),
            registryMirrors: args.sources?.registryMirrors ?? {},
            registries: args.sources?.registries ?? {},
            proxy: args.sources?.proxy,
            imageRepository: args.sources?.imageRepository ?? "registry.k8s.io",
        },
        kubeletConfiguration: args.kubeletConfiguration ?? {},
        restrictOomScoreAdj: args.restrictOomScoreAdj ?? false,
    };
}

/** etcd's programs for members that are not kubeadm's. */
export const etcdProgram = ({ kubernetesVersion, sources }: KubeletSettings) => ({
    source: sources.etcd,
    image: etcdImage(kubernetesVersion, sources.imageRepository),
});

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
