import { LOAD_BALANCER_DEFAULTS, NETWORK_DEFAULTS, PORTS } from "./constants";
import { ClusterArgs } from "./clusterArgs";
import { EtcdSettings, resolveEtcd } from "./etcdSettings";
import { privateAddressOf } from "./remote/connection";
import {
    CniArgs,
    CniPlugin,
    ControlPlaneComponentArgs,
    CoreDnsArgs,
    EtcdSourceArgs,
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
import {
    CONTAINERD_REPOSITORY,
    DEFAULT_KUBERNETES_VERSION,
    etcdArchive,
    etcdImage,
    kubernetesRepository,
} from "./versions";

/** What any host with a kubelet is made from. */
export interface KubeletSettings {
    osFamily: OsFamily;
    kubernetesVersion: string;
    sources: {
        kubernetes: PackageRepositoryArgs;
        containerd: PackageRepositoryArgs;
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
    endpoint: { host: string; port: number };
    certSANs: string[];
    network: Required<NetworkArgs>;
    cni: CniArgs & { plugin: CniPlugin };
    etcd: EtcdSettings;
    loadBalancer: LoadBalancerTopologyArgs & { placement: LoadBalancerPlacement; port: number };
    coreDns: CoreDnsArgs;
    metricsServer: boolean;
    storage?: StorageArgs;
    apiServer: ControlPlaneComponentArgs;
    controllerManager: ControlPlaneComponentArgs;
    scheduler: ControlPlaneComponentArgs;
    kubeProxyConfiguration: Record<string, unknown>;
    controlPlaneNodes: NodeArgs[];
}

export function resolveSettings(args: ClusterArgs): ClusterSettings {
    const loadBalancer = resolveLoadBalancer(args.loadBalancer ?? {});
    const network = { ...NETWORK_DEFAULTS, ...args.network };
    const endpoint = endpointOf(args, loadBalancer);
    const kubelet = resolveKubelet({
        ...args,
        sources: { ...args.sources, proxy: keptOff(args, network, endpoint.host) },
    });
    return {
        ...kubelet,
        clusterName: args.clusterName ?? "kubernetes",
        endpoint,
        certSANs: args.certSANs ?? [],
        network,
        cni: { ...args.cni, plugin: args.cni?.plugin ?? CniPlugin.Flannel },
        etcd: resolveEtcd(args, etcdProgram(kubelet)),
        loadBalancer,
        coreDns: args.coreDns ?? {},
        metricsServer: args.metricsServer ?? false,
        storage: args.storage,
        apiServer: args.apiServer ?? {},
        controllerManager: args.controllerManager ?? {},
        scheduler: args.scheduler ?? {},
        kubeProxyConfiguration: args.kubeProxyConfiguration ?? {},
        controlPlaneNodes: args.controlPlaneNodes,
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
            etcd: args.sources?.etcd ?? etcdArchive(kubernetesVersion),
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
