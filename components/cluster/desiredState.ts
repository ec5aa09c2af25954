import { memberParameters, membershipParameters } from "../etcd/memberParameters";
import { ScriptParameters, digest } from "../host/contract";
import { firewallParameters } from "../host/firewall";
import { controlPlaneOpenings, nodeOpenings } from "../host/openings";
import { repositoryParameters, runtimeParameters } from "../host/runtime";
import { hostPort } from "../lib/addresses";
import { balancerParameters } from "../load-balancer/parts";
import { ClusterSettings } from "../model/cluster";
import { CniPlugin } from "../model/cni";
import { CoreDnsSettings, clusterDns } from "../model/coreDns";
import { isStacked, layoutOf, onControlPlane } from "../model/etcd";
import { LoadBalancerPlacement as Placement, placementWord } from "../model/loadBalancerType";
import { networkWords } from "../model/network";
import { NodeSettings } from "../model/nodes";
import { StorageProvisioner } from "../model/storage";
import { ignoredPreflightErrors } from "./kubeadm";

/**
 * The desired state of a node, as the parameters of its scripts. `prepare` stages it on the host; `bootstrap` builds from it,
 * `rollout` moves a live node to it.
 */
export function kubernetesParameters(
    settings: ClusterSettings,
    node: NodeSettings,
    kubeadmConfig: (settings: ClusterSettings, node: NodeSettings) => string,
): ScriptParameters {
    const parameters = {
        ...runtimeParameters(settings),
        KUBELET_PATCH: isEmpty(node.kubeletConfiguration) ? "" : JSON.stringify(node.kubeletConfiguration),
        KUBEADM_CONFIG: kubeadmConfig(settings, node),
    };
    // A kubelet reads its taints when it registers a new Node alone.
    const liveConfig = kubeadmConfig(settings, { ...node, taints: [] });
    return {
        ...parameters,
        // Where packages come from is no reason to touch a live node; what it runs is.
        ROLLOUT_DIGEST: digest({ ...parameters, KUBEADM_CONFIG: liveConfig, ...readByKubelets(settings) }),
        CONTROL_PLANE_ENDPOINT: hostPort(settings.endpoint.host, settings.endpoint.port),
        ENDPOINT_PLACEMENT: placementWord(settings.loadBalancer),
        // The package that a node needs to mount NFS volumes.
        NODE_PACKAGES: settings.storage?.provisioner === StorageProvisioner.Nfs ? "nfs-common" : "",
        ...dnsParameters(settings.coreDns),
        ...upgradeParameters(settings),
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

// Needed by `release`: a killed DNS cache leaves iptables rules for these addresses.
const dnsParameters = ({ nodeLocalCache: cache }: CoreDnsSettings): ScriptParameters =>
    cache ? { NODE_LOCAL_DNS: `${cache.local} ${cache.service}` } : {};

// `kubeadm upgrade node` does not read what the node joined with.
function upgradeParameters(settings: ClusterSettings): ScriptParameters {
    const ignored = ignoredPreflightErrors(settings);
    return ignored.length > 0 ? { IGNORED_PREFLIGHT_ERRORS: ignored.join(",") } : {};
}

export const controlPlaneParameters = (settings: ClusterSettings, node: NodeSettings): ScriptParameters => ({
    ...etcdParameters(settings, node),
    ONLY_CONTROL_PLANE_NODE: settings.controlPlaneNodes.length === 1,
    NETWORK: networkWords(settings.network),
    ...nodeBalancerParameters(settings, node, [Placement.ControlPlane, Placement.NodeLocal]),
    ...firewallParameters(settings.firewall, node, controlPlaneOpenings(settings, node), settings.network),
    CERT_SANS: [
        node.name,
        node.privateAddress,
        ...(node.secondaryAddress ? [node.secondaryAddress] : []),
        ...settings.certSANs,
    ].join(" "),
});

export const workerParameters = (settings: ClusterSettings, node: NodeSettings): ScriptParameters => ({
    KUBELET_FLAGS: node.kubeletExtraArgs.map(({ name, value }) => `--${name}=${value}`).join(" "),
    ...nodeBalancerParameters(settings, node, [Placement.NodeLocal]),
    ...firewallParameters(settings.firewall, node, nodeOpenings(settings), settings.network),
});

// An empty LOAD_BALANCER makes the node remove a balancer that it ran before.
const nodeBalancerParameters = (settings: ClusterSettings, node: NodeSettings, here: Placement[]): ScriptParameters => {
    const { placement } = settings.loadBalancer;
    return placement !== undefined && here.includes(placement)
        ? balancerParameters(settings.loadBalancer, node)
        : { LOAD_BALANCER: "" };
};

// `kubeadm` runs the stacked member; `none` runs here, and the endpoints are asked.
function etcdParameters({ etcd }: ClusterSettings, node: NodeSettings): ScriptParameters {
    const layout = { ETCD_LAYOUT: layoutOf(etcd) };
    if (isStacked(etcd)) return { ...layout, ...membershipParameters(etcd, node), ETCD_RUNTIME: "kubeadm" };
    if (onControlPlane(etcd)) return memberParameters(etcd, node);
    return { ...layout, ETCD_RUNTIME: "none", ETCD_ENDPOINTS: etcd.endpoints.join(" ") };
}
