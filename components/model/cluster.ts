import { isIP } from "net";
import { Fault, countFaults, fault, throwIfAny } from "../lib/faults";
import { DEFAULT_KUBERNETES_VERSION, SUPPORTED_MINORS, minorOf } from "../versions/versions";
import { binaryFaults } from "./binaries";
import { CniArgs, CniPlugin, cniFaults } from "./cni";
import { ControlPlaneComponentArgs } from "./controlPlaneComponents";
import { Endpoint, clientsEndpoint, nodesEndpoint } from "./controlPlaneEndpoint";
import { CoreDnsArgs, addonFaults } from "./coreDns";
import { EtcdSettings, EtcdTopologyArgs, etcdFaults, resolveEtcd } from "./etcd";
import { FirewallArgs, FirewallSettings, firewallFaults, resolveFirewall } from "./firewall";
import { NodeArgs, isDnsName, place, validateHost, validateNode, validateUnique } from "./hosts";
import {
    LoadBalancerSettings,
    LoadBalancerTopologyArgs,
    loadBalancerFaults,
    resolveLoadBalancer,
} from "./loadBalancer";
import { NETWORK_DEFAULTS, NetworkArgs, networkFaults } from "./network";
import { OsFamily } from "./osFamily";
import { KubeletSettings, etcdProgram, resolveKubelet } from "./runtime";
import { ProxyArgs, SourcesArgs, sourceFaults } from "./sources";
import { SshArgs } from "./ssh";
import { StorageArgs } from "./storage";

export interface ClusterArgs {
    /** How the hosts are reached. */
    ssh: SshArgs;
    /** One, three, five or seven, as etcd needs a majority; any number when etcd is elsewhere. Adding one joins it; removing one drains it and takes its etcd member out. */
    controlPlaneNodes: NodeArgs[];
    /** @default [] */
    workerNodes?: NodeArgs[];
    /** What all hosts run; preflight compares. @default "debian" (Ubuntu too) */
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
    /** Package repositories, registries and their mirrors. */
    sources?: SourcesArgs;
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
    /** How many workers a change takes at one time. @default 1 */
    maxUnavailable?: number;
    /** How long a node's pods may take to end, in seconds, before a change of the node fails; the next `up` tries again. @default 300 */
    drainTimeoutSeconds?: number;
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

/** Worker nodes that a rollout changes at one time, unless told otherwise. */
export const DEFAULT_MAX_UNAVAILABLE = 1;

export const DEFAULT_DRAIN_TIMEOUT_SECONDS = 300;

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateCluster = (args: ClusterArgs): void =>
    throwIfAny("the cluster's configuration", clusterFaults(args));

export function clusterFaults(args: ClusterArgs): Fault[] {
    return [
        ...versionFaults(args),
        ...nodeFaults(args),
        ...etcdFaults(args),
        ...loadBalancerFaults(args),
        ...networkFaults(args),
        ...cniFaults(args),
        ...addonFaults(args),
        ...firewallFaults(args),
        ...nameFaults(args),
        ...sourceFaults(args),
        ...binaryFaults(args),
    ];
}

function versionFaults({ kubernetesVersion = DEFAULT_KUBERNETES_VERSION }: ClusterArgs): Fault[] {
    if (/^\d+\.\d+\.\d+$/.test(kubernetesVersion) && minorOf(kubernetesVersion) in SUPPORTED_MINORS) return [];
    const known = Object.entries(SUPPORTED_MINORS).map(([minor, { latest }]) => `${minor}.x (newest known: ${latest})`);
    return [fault("kubernetesVersion", kubernetesVersion, `a version without 'v' of ${known.join(" or ")}`)];
}

function nodeFaults(args: ClusterArgs): Fault[] {
    const { controlPlaneNodes: controlPlane = [] } = args;
    const nodes = [...place("controlPlaneNodes", controlPlane), ...place("workerNodes", args.workerNodes ?? [])];
    const others = [
        ...place("loadBalancer.hosts", args.loadBalancer?.hosts ?? []),
        ...place("etcd.hosts", args.etcd?.hosts ?? []),
    ];
    return [
        ...nodes.flatMap(({ path, host }) => validateNode(path, host, args.ssh)),
        ...others.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique([...nodes, ...others]),
        ...countFaults("maxUnavailable", args.maxUnavailable),
        ...countFaults("drainTimeoutSeconds", args.drainTimeoutSeconds),
        ...(args.ssh?.privateKey ? [] : [fault("ssh.privateKey", undefined, "a private key that the hosts accept")]),
    ];
}

function nameFaults({ controlPlaneEndpoint: endpoint, certSANs = [] }: ClusterArgs): Fault[] {
    return [
        ...(endpoint === undefined || isIP(endpoint) || isDnsName(endpoint)
            ? []
            : [fault("controlPlaneEndpoint", endpoint, "a DNS name or an address, without a port")]),
        ...certSANs.flatMap((san, i) =>
            isIP(san) || isDnsName(san.replace(/^\*\./, ""))
                ? []
                : [fault(`certSANs[${i}]`, san, "a DNS name or an IP address")],
        ),
    ];
}
