import { CniArgs, CniSettings, resolveCni } from "./cni";
import { ControlPlaneComponentArgs, ControlPlaneComponentSettings, resolveComponent } from "./controlPlaneComponents";
import { Endpoint, balancedNames, clientsEndpoint, nodesEndpoint } from "./controlPlaneEndpoint";
import { CoreDnsArgs, CoreDnsSettings, resolveCoreDns } from "./coreDns";
import { EtcdSettings, EtcdTopologyArgs, resolveEtcd } from "./etcd";
import { FirewallArgs, FirewallSettings, resolveFirewall } from "./firewall";
import { LoadBalancerSettings, LoadBalancerTopologyArgs, resolveLoadBalancer } from "./loadBalancer";
import { resolveMaxUnavailable } from "./maxUnavailable";
import { NetworkArgs, NetworkSettings, resolveNetwork, splitSubnets } from "./network";
import { CONTROL_PLANE_TAINT, NodeArgs, NodeSettings, resolveNode } from "./nodes";
import { OsFamily } from "./osFamily";
import { PkiArgs } from "./pki";
import { RuntimeSettings, etcdProgram, resolveRuntime } from "./runtime";
import { SourcesArgs } from "./sources";
import { SshArgs } from "./ssh";
import { OnRemoval, hostDefaults } from "./hosts";
import { StorageArgs } from "./storage";

export interface ClusterArgs {
    /** How the hosts are reached. */
    ssh: SshArgs;
    /** One, three, five or seven, as etcd needs a majority; any number when etcd is elsewhere. Adding one joins it; removing one drains it and takes its etcd member out. */
    controlPlaneNodes: NodeArgs[];
    /** @default [] */
    workerNodes?: NodeArgs[];
    /** The operating system of all hosts; preflight checks it. @default "debian" (Ubuntu too) */
    osFamily?: OsFamily;
    /**
     * Without the leading v. A change is rolled out: control plane nodes one after the other, then workers, each drained
     * first. One minor at a time (kubernetes.io, "Version Skew Policy"); back to an earlier patch, never to an earlier
     * minor. Preflight refuses the rest before any host is changed. @default "1.36.3"
     */
    kubernetesVersion?: string;
    /** The cluster's name in kubeconfigs. @default "kubernetes" */
    clusterName?: string;
    /** A DNS name that leads to the load balancer; clients and nodes use it instead of the address. @default the virtual address, or the balancer's */
    controlPlaneEndpoint?: string;
    /** Further names and addresses for kube-apiserver's certificates. A change renews them, node by node. @default [] */
    certSANs?: string[];
    /** The endpoint in front of the control plane. */
    loadBalancer?: LoadBalancerTopologyArgs;
    etcd?: EtcdTopologyArgs;
    network?: NetworkArgs;
    cni?: CniArgs;
    /** kubeadm's CoreDNS. A change rolls its pods over. */
    coreDns?: CoreDnsArgs;
    /** metrics-server, for `kubectl top` and autoscaling. @default false */
    metricsServer?: boolean;
    /** A StorageClass. @default none */
    storage?: StorageArgs;
    /** The hosts' own firewalls. */
    firewall?: FirewallArgs;
    /**
     * What happens to a host that leaves the program, and to all hosts with `pulumi destroy`: `release` removes what this program installed, `keep` changes
     * nothing on it. The host acts on the value of the last `up` before it leaves. @default "release"
     */
    onRemoval?: OnRemoval;
    /** Package repositories, registries and their mirrors. */
    sources?: SourcesArgs;
    /** CAs and a ServiceAccount key that exist already. It stays in the program for as long as the cluster lives. @default new ones */
    pki?: PkiArgs;
    /** kube-apiserver's flags, volumes and environment. */
    apiServer?: ControlPlaneComponentArgs;
    /** kube-controller-manager's. */
    controllerManager?: ControlPlaneComponentArgs;
    /** kube-scheduler's. */
    scheduler?: ControlPlaneComponentArgs;
    /** Fields of the kubelet's configuration (kubelet.config.k8s.io/v1beta1), for all nodes. `cgroupDriver` sets containerd's too. */
    kubeletConfiguration?: Record<string, unknown>;
    /** Fields of kube-proxy's configuration (kubeproxy.config.k8s.io/v1alpha1). */
    kubeProxyConfiguration?: Record<string, unknown>;
    /** containerd's setting of that name, for hosts without CAP_SYS_RESOURCE (nested containers). @default false */
    restrictOomScoreAdj?: boolean;
    /** How many workers change at one time: a number, `"2"`, or a percentage of the workers, `"10%"` (rounded down, at least one). @default "1" */
    maxUnavailable?: string;
    /** How long a node's pods may take to end, in seconds, before a change of the node fails; the next `up` tries again. @default 300 */
    drainTimeoutSeconds?: number;
}

/** The arguments with every default filled in: what the rest of the library reads. All plain values, and no secret. */
export interface ClusterSettings extends RuntimeSettings {
    clusterName: string;
    controlPlaneNodes: NodeSettings[];
    workerNodes: NodeSettings[];
    /** The endpoint that nodes call. */
    endpoint: Endpoint;
    /** The endpoint that clients outside the cluster call. */
    clientEndpoint: Endpoint;
    /** Every name and address by which a client may reach an apiserver, but for each one's own. */
    certSANs: string[];
    network: NetworkSettings;
    cni: CniSettings;
    etcd: EtcdSettings;
    loadBalancer: LoadBalancerSettings;
    firewall: FirewallSettings;
    coreDns: CoreDnsSettings;
    metricsServer: boolean;
    storage?: StorageArgs;
    apiServer: ControlPlaneComponentSettings;
    controllerManager: ControlPlaneComponentSettings;
    scheduler: ControlPlaneComponentSettings;
    kubeProxyConfiguration: Record<string, unknown>;
    maxUnavailable: number;
    drainTimeoutSeconds: number;
}

/** Fills in every default. `clusterFaults` reports wrong arguments, before. */
export function resolveSettings(args: ClusterArgs): ClusterSettings {
    const defaults = hostDefaults(args);
    const controlPlaneNodes = args.controlPlaneNodes.map((node) => resolveNode(node, defaults, [CONTROL_PLANE_TAINT]));
    const loadBalancer = resolveLoadBalancer(args.loadBalancer, controlPlaneNodes, defaults);
    const endpoint = nodesEndpoint(loadBalancer, args.controlPlaneEndpoint);
    const clientEndpoint = clientsEndpoint(loadBalancer, args.controlPlaneEndpoint);
    const network = resolveNetwork(args.network);
    const runtime = resolveRuntime({ ...args, sources: withClusterNoProxy(args.sources, network, endpoint.host) });
    return {
        ...runtime,
        clusterName: args.clusterName ?? "kubernetes",
        controlPlaneNodes,
        workerNodes: (args.workerNodes ?? []).map((node) => resolveNode(node, defaults, [])),
        endpoint,
        clientEndpoint,
        certSANs: [
            ...new Set([endpoint.host, clientEndpoint.host, ...balancedNames(loadBalancer), ...(args.certSANs ?? [])]),
        ],
        network,
        cni: resolveCni(args.cni),
        etcd: resolveEtcd(args.etcd, controlPlaneNodes, defaults, etcdProgram(runtime)),
        loadBalancer,
        firewall: resolveFirewall(args.firewall),
        coreDns: resolveCoreDns(args.coreDns, network),
        metricsServer: args.metricsServer ?? false,
        storage: args.storage,
        apiServer: resolveComponent(args.apiServer),
        controllerManager: resolveComponent(args.controllerManager),
        scheduler: resolveComponent(args.scheduler),
        kubeProxyConfiguration: args.kubeProxyConfiguration ?? {},
        maxUnavailable: resolveMaxUnavailable(args.maxUnavailable, args.workerNodes?.length ?? 0),
        drainTimeoutSeconds: args.drainTimeoutSeconds ?? 300,
    };
}

// The cluster's own traffic never takes the proxy, whatever containerd is asked for.
function withClusterNoProxy(
    sources: SourcesArgs = {},
    { podSubnet, serviceSubnet, dnsDomain }: NetworkSettings,
    endpoint: string,
): SourcesArgs {
    const { proxy } = sources;
    const subnets = [podSubnet, serviceSubnet].flatMap(splitSubnets);
    const own = [`.${dnsDomain}`, endpoint, ...subnets];
    return { ...sources, proxy: proxy && { ...proxy, no: [...new Set([...own, ...(proxy.no ?? [])])] } };
}
