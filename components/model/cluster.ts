import * as pulumi from "@pulumi/pulumi";
import { CniArgs, CniSettings, resolveCni } from "./cni";
import { ControlPlaneComponentArgs, ControlPlaneComponentSettings, resolveComponent } from "./controlPlaneComponents";
import { Endpoint, balancedNames, clientsEndpoint, nodesEndpoint } from "./controlPlaneEndpoint";
import { CoreDnsArgs, CoreDnsSettings, resolveCoreDns } from "./coreDns";
import { EtcdSettings, EtcdShape, EtcdTopologyArgs, KnownEtcdArgs, resolveEtcd } from "./etcd";
import { FirewallArgs, FirewallSettings, resolveFirewall } from "./firewall";
import {
    KnownLoadBalancerArgs,
    LoadBalancerSettings,
    LoadBalancerTopologyArgs,
    resolveLoadBalancer,
} from "./loadBalancer";
import { BalancerChoices } from "./loadBalancerType";
import { resolveMaxUnavailable } from "./maxUnavailable";
import { NetworkArgs, NetworkSettings, resolveNetwork, splitSubnets } from "./network";
import { CONTROL_PLANE_TAINT, KnownNodeArgs, NodeArgs, NodeSettings, NodeShape, resolveNode } from "./nodes";
import { Known } from "../lib/known";
import { OsFamily } from "./osFamily";
import { CertificateSettings, resolveCertificates } from "./certificates";
import { PkiArgs } from "./pki";
import { PreflightArgs, PreflightSettings, resolvePreflight } from "./preflightChecks";
import { RuntimeSettings, RuntimeShape, etcdProgram, resolveRuntime } from "./runtime";
import { SourcesArgs } from "./sources";
import { SshArgs } from "./ssh";
import { HostSetupsArgs } from "./hostSetup";
import { OnRemoval, hostDefaults } from "./hosts";
import { StorageArgs, StorageSettings, resolveStorage } from "./storage";

export interface ClusterArgs {
    /** How the hosts are reached. */
    ssh: SshArgs;
    /**
     * One, three, five or seven nodes, because etcd needs a majority; with etcd elsewhere, any number.
     * @change A new node joins. A removed node is drained, its etcd member and its Node object are removed, and the
     * host is reset.
     */
    controlPlaneNodes: NodeArgs[];
    /**
     * The worker nodes.
     * @change The same. Adding one changes that worker; one control plane node writes its join token.
     */
    workerNodes?: NodeArgs[];
    /**
     * The family of all hosts: `debian` (Debian and Ubuntu) or `redhat` (RHEL 9 and its derivatives; SELinux becomes
     * permissive).
     * @default "debian"
     * @change Refused unless the hosts are of that family.
     */
    osFamily?: OsFamily;
    /**
     * The version, without `v`: 1.35.x or 1.36.x (kubernetes.io, "Version Skew Policy"). The default changes with
     * releases of this package, so set it.
     * @default "1.36.3"
     * @change Rolled out (docs/architecture.md#another-kubernetes-version), every node drained. One minor version at a
     * time; an earlier patch is possible, an earlier minor is refused.
     */
    kubernetesVersion?: string;
    /**
     * The cluster's name in kubeconfigs.
     * @default "kubernetes"
     * @change Rolled out over the control plane.
     */
    clusterName?: string;
    /**
     * A DNS name or address that leads to the load balancer, without a port; required with type `external`. With
     * placement `nodeLocal` it is the host that the kubeconfig calls at port 6443 (default: the first control plane
     * node). It is in every kube-apiserver's certificate.
     * @otherwise the load balancer's address
     * @change Refused. With placement `nodeLocal`: rolled out.
     */
    controlPlaneEndpoint?: pulumi.Input<string>;
    /**
     * The DNS name or address, with a port or without (`k8s.example.com:16443`), at which clients outside the cluster reach the
     * load balancer, where that is another one than the nodes call: a public address, or the end of a tunnel. The kubeconfig and this
     * program's own client call it. It is in every kube-apiserver's certificate. An address of IPv6 with a port stands in brackets.
     * @otherwise `controlPlaneEndpoint` and the load balancer's port
     * @change The kubeconfig has it; each control plane node renews its certificate. No add-on changes.
     */
    clientEndpoint?: pulumi.Input<string>;
    /**
     * More names and addresses for kube-apiserver's certificates.
     * @change Rolled out; each control plane node renews its certificate.
     */
    certSANs?: string[];
    /** The endpoint in front of the control plane. */
    loadBalancer?: LoadBalancerTopologyArgs;
    etcd?: EtcdTopologyArgs;
    network?: NetworkArgs;
    cni?: CniArgs;
    /** kubeadm's CoreDNS. A change rolls its pods over. */
    coreDns?: CoreDnsArgs;
    /**
     * Installs metrics-server, for `kubectl top` and autoscaling.
     * @default false
     * @change Applied.
     */
    metricsServer?: boolean;
    /** A StorageClass. */
    storage?: StorageArgs;
    /** The hosts' own firewalls. */
    firewall?: FirewallArgs;
    /** Files, packages, kernel settings and names of all hosts or of a role; a single host has the same options. */
    hostSetup?: HostSetupsArgs;
    /** The checks of every host before any host is changed. */
    preflight?: PreflightArgs;
    /**
     * Whether the last step of an `up` that made or changed nodes verifies the cluster: a pod that does nothing starts
     * on every node, the nodes reach CoreDNS's Service, a pod of the last control plane node reaches all others, CoreDNS
     * answers it, and no pod of the cluster's own in kube-system is in a crash loop. It takes some seconds, needs no image
     * that the nodes do not have, and leaves nothing behind. Without a CNI plugin of this program nothing is verified.
     * @default true
     * @change Nothing restarts.
     */
    verify?: boolean;
    /**
     * What happens to a host that leaves the program, and to every host with `pulumi destroy`: `release` removes what
     * this project installed; `keep` changes nothing on it. With `keep` a node still leaves the cluster, but its
     * kubelet and etcd stay installed: reset the machine before its kubelet starts again, which would register the
     * Node again. A destroyed stack leaves its cluster running.
     * @default "release"
     * @change Takes effect with this `up`; a host that leaves goes by the value of the `up` before.
     */
    onRemoval?: OnRemoval;
    /** Package repositories, registries and their mirrors. */
    sources?: SourcesArgs;
    /** Keys and certificates: their kind and validity, and those that exist already. */
    pki?: PkiArgs;
    /** kube-apiserver's flags, volumes and environment. */
    apiServer?: ControlPlaneComponentArgs;
    /** kube-controller-manager's. */
    controllerManager?: ControlPlaneComponentArgs;
    /** kube-scheduler's. */
    scheduler?: ControlPlaneComponentArgs;
    /**
     * Fields of `kubelet.config.k8s.io/v1beta1` for all nodes. `cgroupDriver` also sets containerd's.
     * @otherwise kubeadm's
     * @change Rolled out.
     */
    kubeletConfiguration?: Record<string, unknown>;
    /**
     * Fields of `kubeproxy.config.k8s.io/v1alpha1`. `mode` is refused here; use `network.kubeProxy`.
     * @otherwise kubeadm's
     * @change kube-proxy's pods restart.
     */
    kubeProxyConfiguration?: Record<string, unknown>;
    /**
     * Passes on flags and configuration fields that the Kubernetes version is not known to have, instead of refusing them: of a newer
     * patch, or of a build of your own.
     * @default false
     * @change Nothing restarts.
     */
    passUnknownOptions?: boolean;
    /**
     * containerd's setting of that name, for hosts without CAP_SYS_RESOURCE (nested containers).
     * @default false
     * @change Rolled out; containerd restarts.
     */
    restrictOomScoreAdj?: boolean;
    /**
     * How many workers change at a time: `"2"`, or `"10%"` of the workers (rounded down, at least one); at most all of
     * them.
     * @kind number or percentage
     * @default "1"
     * @change Nothing restarts.
     */
    maxUnavailable?: string;
    /**
     * How long a drain waits for a node's pods to end. After it the change of the node fails and names the pods that
     * remain. The node keeps its old state and stays cordoned; the next `pulumi up` tries again.
     * @asType integer
     * @default 300
     * @change Nothing restarts.
     */
    drainTimeoutSeconds?: number;
}

/** The arguments with every value known, but for secrets. */
export type KnownClusterArgs = Known<
    Omit<ClusterArgs, "controlPlaneNodes" | "workerNodes" | "loadBalancer" | "etcd">,
    "controlPlaneEndpoint" | "clientEndpoint"
> & {
    controlPlaneNodes: KnownNodeArgs[];
    workerNodes?: KnownNodeArgs[];
    loadBalancer?: KnownLoadBalancerArgs;
    etcd?: KnownEtcdArgs;
};

/**
 * The arguments with every default filled in: what the rest of the library reads. All plain values, and no secret. A worker's own
 * settings are not among them, so that nothing of one host changes with the address of a worker.
 */
export interface ClusterSettings extends RuntimeSettings {
    clusterName: string;
    controlPlaneNodes: NodeSettings[];
    workerNodes: NodeShape[];
    /** The endpoint that nodes call. */
    endpoint: Endpoint;
    /** The endpoint that clients outside the cluster call. */
    clientEndpoint: Endpoint;
    /** Every name and address by which a client may reach an apiserver, but for each one's own. */
    certSANs: string[];
    certificates: CertificateSettings;
    network: NetworkSettings;
    cni: CniSettings;
    etcd: EtcdSettings;
    loadBalancer: LoadBalancerSettings;
    firewall: FirewallSettings;
    preflight: PreflightSettings;
    verify: boolean;
    coreDns: CoreDnsSettings;
    metricsServer: boolean;
    storage?: StorageSettings;
    apiServer: ControlPlaneComponentSettings;
    controllerManager: ControlPlaneComponentSettings;
    scheduler: ControlPlaneComponentSettings;
    kubeProxyConfiguration: Record<string, unknown>;
    maxUnavailable: number;
    drainTimeoutSeconds: number;
}

/** The settings with those of every worker. */
export interface SettingsOfAll extends ClusterSettings {
    workerNodes: NodeSettings[];
}

/** The settings that are known at once: names, roles and choices. */
export interface ClusterShape extends RuntimeShape, Omit<ClusterSettings, LateSetting> {
    controlPlaneNodes: NodeShape[];
    loadBalancer: BalancerChoices;
    etcd: EtcdShape;
}

type LateSetting =
    keyof RuntimeSettings | "controlPlaneNodes" | "endpoint" | "clientEndpoint" | "certSANs" | "loadBalancer" | "etcd";

/** Fills in every default. `clusterFaults` reports wrong arguments, before. */
export function resolveSettings(args: KnownClusterArgs): SettingsOfAll {
    const controlPlane = hostDefaults(args, "controlPlane");
    const controlPlaneNodes = args.controlPlaneNodes.map((node) =>
        resolveNode(node, controlPlane, [CONTROL_PLANE_TAINT]),
    );
    const balancerHost = hostDefaults(args, "loadBalancer");
    const loadBalancer = resolveLoadBalancer(args.loadBalancer, controlPlaneNodes, balancerHost);
    const endpoint = nodesEndpoint(loadBalancer, args.controlPlaneEndpoint);
    const clientEndpoint = clientsEndpoint(loadBalancer, args.controlPlaneEndpoint, args.clientEndpoint);
    const network = resolveNetwork(args.network);
    const runtime = resolveRuntime({ ...args, sources: withClusterNoProxy(args.sources, network, endpoint.host) });
    return {
        ...runtime,
        clusterName: args.clusterName ?? "kubernetes",
        controlPlaneNodes,
        workerNodes: (args.workerNodes ?? []).map((node) => resolveNode(node, hostDefaults(args, "workers"), [])),
        endpoint,
        clientEndpoint,
        certSANs: [
            ...new Set([endpoint.host, clientEndpoint.host, ...balancedNames(loadBalancer), ...(args.certSANs ?? [])]),
        ],
        certificates: resolveCertificates(args.pki),
        network,
        cni: resolveCni(args.cni),
        etcd: resolveEtcd(args.etcd, controlPlaneNodes, hostDefaults(args, "etcd"), etcdProgram(runtime)),
        loadBalancer,
        firewall: resolveFirewall(args.firewall),
        preflight: resolvePreflight(args.preflight),
        verify: args.verify ?? true,
        coreDns: resolveCoreDns(args.coreDns, network),
        metricsServer: args.metricsServer ?? false,
        storage: args.storage && resolveStorage(args.storage),
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
