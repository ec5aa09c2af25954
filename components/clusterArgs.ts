import {
    CniArgs,
    ControlPlaneComponentArgs,
    CoreDnsArgs,
    EtcdTopologyArgs,
    FirewallArgs,
    LoadBalancerTopologyArgs,
    NetworkArgs,
    NodeArgs,
    OsFamily,
    SourcesArgs,
    SshArgs,
    StorageArgs,
} from "./types";

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
