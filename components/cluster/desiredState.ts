import { ETCD, MemberParameters, memberParameters, memberSans, membershipParameters } from "../etcd/memberParameters";
import { PROGRAM_FILES } from "../host/binaries";
import { ROLLOUT, ScriptParameters, digest } from "../host/contract";
import { FIREWALL_RULES, firewallParameters } from "../host/firewall";
import { controlPlaneOpenings, nodeOpenings } from "../host/openings";
import { Table, ValuesOf, flag, list, number, text } from "../host/parameters";
import { LIVE_HOST } from "../host/preflight";
import { REPOSITORIES, RUNTIME, repositoryParameters, runtimeParameters } from "../host/runtime";
import { hostPort } from "../lib/addresses";
import { BalancerParameters } from "../load-balancer/partParameters";
import { balancerParameters, realServerParameters } from "../load-balancer/parts";
import { resolveCertificates } from "../model/certificates";
import { ClusterSettings } from "../model/cluster";
import { CniPlugin } from "../model/cni";
import { clusterDns } from "../model/coreDns";
import { isStacked, layoutOf, onControlPlane } from "../model/etcd";
import { LoadBalancerPlacement as Placement, placementWord } from "../model/loadBalancerType";
import { networkWords } from "../model/network";
import { NodeSettings, isExcludedFromBalancers } from "../model/nodes";
import { StorageProvisioner } from "../model/storage";
import { ignoredPreflightErrors } from "./kubeadm";

/** The parameters of every node. */
export const NODE = {
    ...ROLLOUT,
    ENDPOINT_PLACEMENT: LIVE_HOST.ENDPOINT_PLACEMENT,
    CONTROL_PLANE_ENDPOINT: text("The cluster's endpoint, `host:port`."),
    KUBEADM_CONFIG: text("kubeadm's configuration file for this node."),
    KUBELET_PATCH: text("kubeadm's patch with the kubelet's settings of this node, JSON; empty: none."),
    NODE_PACKAGES: list("Further packages of the node: the one for NFS volumes.", []),
    NODE_LOCAL_DNS: list(
        "The addresses of NodeLocal DNSCache. `release` removes the iptables rules that a killed cache has left.",
        [],
    ),
    IGNORED_PREFLIGHT_ERRORS: text(
        "The preflight errors that `kubeadm upgrade node` ignores, separated by commas: it does not read the configuration that the node joined with.",
        "",
    ),
    IPV6: flag("Whether the node forwards IPv6."),
    DRAIN_TIMEOUT: number("The seconds in which the node's pods must be evicted."),
    WAIT_FOR_READY: flag("Whether to wait until nodes are Ready. Without a CNI plugin of this program they are not."),
} satisfies Table;

const CONTROL_PLANE_ETCD = {
    ...ETCD,
    ETCD_ENDPOINTS: list("The URLs of an etcd that has no member on this host; empty where a member runs here."),
} satisfies Table;

/** The further parameters of a control plane node. */
export const CONTROL_PLANE_NODE = {
    ...CONTROL_PLANE_ETCD,
    ONLY_CONTROL_PLANE_NODE: flag("Whether this host is the only control plane node."),
    EXCLUDED_FROM_BALANCERS: flag(
        "Whether this node registers with the label that keeps load balancers of Services away from it.",
    ),
    NETWORK: LIVE_HOST.NETWORK,
    CERT_SANS: list("The names and addresses that kube-apiserver's certificate must have."),
} satisfies Table;

/** The further parameters of a worker node. */
export const WORKER_NODE = {
    KUBELET_FLAGS: text("The kubelet's flags, separated by blanks."),
} satisfies Table;

type NodeParameters = ValuesOf<typeof NODE & typeof RUNTIME & typeof PROGRAM_FILES & typeof REPOSITORIES>;

type ControlPlaneNodeParameters = ValuesOf<typeof CONTROL_PLANE_NODE & typeof FIREWALL_RULES> &
    BalancerParameters &
    Partial<MemberParameters>;

type WorkerNodeParameters = ValuesOf<typeof WORKER_NODE & typeof FIREWALL_RULES> & BalancerParameters;

/**
 * The desired state of a node, as the parameters of its scripts. `prepare` stages it on the host; `bootstrap` builds from it,
 * `rollout` moves a live node to it.
 */
export function kubernetesParameters(
    settings: ClusterSettings,
    node: NodeSettings,
    kubeadmConfig: (settings: ClusterSettings, node: NodeSettings) => string,
): NodeParameters {
    const { nodeLocalCache: cache } = settings.coreDns;
    const parameters = {
        ...runtimeParameters(settings),
        KUBELET_PATCH: isEmpty(node.kubeletConfiguration) ? "" : JSON.stringify(node.kubeletConfiguration),
        KUBEADM_CONFIG: kubeadmConfig(settings, node),
    };
    // A kubelet reads its taints when it registers a new Node alone; certificates are renewed without a rollout.
    const liveConfig = kubeadmConfig({ ...settings, certificates: resolveCertificates() }, { ...node, taints: [] });
    return {
        ...parameters,
        // Where packages come from is no reason to touch a live node; what it runs is.
        ROLLOUT_DIGEST: digest({ ...parameters, KUBEADM_CONFIG: liveConfig, ...readByKubelets(settings) }),
        CONTROL_PLANE_ENDPOINT: hostPort(settings.endpoint.host, settings.endpoint.port),
        ENDPOINT_PLACEMENT: placementWord(settings.loadBalancer),
        NODE_PACKAGES: settings.storage?.provisioner === StorageProvisioner.Nfs ? ["nfs-common"] : [],
        NODE_LOCAL_DNS: cache ? [cache.local, cache.service] : [],
        IGNORED_PREFLIGHT_ERRORS: ignoredPreflightErrors(settings).join(","),
        IPV6: settings.network.podSubnet.includes(":"),
        DRAIN_TIMEOUT: settings.drainTimeoutSeconds,
        WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
        ...repositoryParameters(settings),
    };
}

// A worker's own documents do not have it: its kubelet reads the cluster's configuration when it is rolled out.
const readByKubelets = (settings: ClusterSettings): ScriptParameters => {
    const configuration = { ...clusterDns(settings.coreDns), ...settings.kubeletConfiguration };
    return isEmpty(configuration) ? {} : { KUBELET_CONFIGURATION: JSON.stringify(configuration) };
};

const isEmpty = (configuration: object): boolean => Object.keys(configuration).length === 0;

export const controlPlaneParameters = (settings: ClusterSettings, node: NodeSettings): ControlPlaneNodeParameters => ({
    ...etcdParameters(settings, node),
    ONLY_CONTROL_PLANE_NODE: settings.controlPlaneNodes.length === 1,
    EXCLUDED_FROM_BALANCERS: isExcludedFromBalancers(node),
    NETWORK: networkWords(settings.network),
    ...nodeBalancerParameters(
        settings,
        node,
        [Placement.ControlPlane, Placement.NodeLocal],
        realServerParameters(settings.loadBalancer),
    ),
    ...firewallParameters(settings.firewall, node, controlPlaneOpenings(settings, node), settings.network),
    CERT_SANS: [
        node.name,
        node.privateAddress,
        ...(node.secondaryAddress ? [node.secondaryAddress] : []),
        ...settings.certSANs,
    ],
});

export const workerParameters = (settings: ClusterSettings, node: NodeSettings): WorkerNodeParameters => ({
    KUBELET_FLAGS: node.kubeletExtraArgs.map(({ name, value }) => `--${name}=${value}`).join(" "),
    ...nodeBalancerParameters(settings, node, [Placement.NodeLocal]),
    ...firewallParameters(settings.firewall, node, nodeOpenings(settings), settings.network),
});

// An empty LOAD_BALANCER makes the node remove a balancer that it ran before.
const nodeBalancerParameters = (
    settings: ClusterSettings,
    node: NodeSettings,
    here: Placement[],
    otherwise: BalancerParameters = { LOAD_BALANCER: [] },
): BalancerParameters => {
    const { placement } = settings.loadBalancer;
    return placement !== undefined && here.includes(placement)
        ? balancerParameters(settings.loadBalancer, node)
        : otherwise;
};

// `kubeadm` runs the stacked member; `none` runs here, and the endpoints are asked.
function etcdParameters(
    { etcd }: ClusterSettings,
    node: NodeSettings,
): ValuesOf<typeof CONTROL_PLANE_ETCD> & Partial<MemberParameters> {
    const here = { ETCD_LAYOUT: layoutOf(etcd), ETCD_ENDPOINTS: [] };
    if (isStacked(etcd)) {
        return { ...here, ...membershipParameters(etcd, node), ...memberSans(etcd), ETCD_RUNTIME: "kubeadm" };
    }
    if (onControlPlane(etcd)) return { ...here, ...memberParameters(etcd, node) };
    return { ...here, ETCD_RUNTIME: "none", ETCD_ENDPOINTS: etcd.endpoints };
}
