import { memberParameters, membershipParameters } from "../etcd/members";
import { ScriptParameters, digest } from "../host/contract";
import { firewallParameters } from "../host/firewall";
import { controlPlaneOpenings, nodeOpenings } from "../host/openings";
import { repositoryParameters, runtimeParameters } from "../host/runtime";
import { PORTS } from "../lib/ports";
import { Balanced, balancerParameters } from "../load-balancer/parts";
import { Backend } from "../load-balancer/proxy";
import { ClusterSettings } from "../model/cluster";
import { CniPlugin } from "../model/cni";
import { endpointNames, endpointText } from "../model/controlPlaneEndpoint";
import { clusterDns, nodeLocalDns } from "../model/coreDns";
import { isStacked, layoutOf, onControlPlane } from "../model/etcd";
import { HostArgs, NodeArgs, privateAddressOf } from "../model/hosts";
import { LoadBalancerPlacement as Placement } from "../model/loadBalancer";
import { StorageProvisioner } from "../model/storage";
import { ignoredPreflightErrors } from "./kubeadm";

/**
 * What a node shall be, as the parameters of its scripts. `prepare` stages it on the host; `bootstrap` builds from it,
 * `rollout` moves a live node to it.
 */
export function kubernetesParameters(
    settings: ClusterSettings,
    node: NodeArgs,
    kubeadmConfig: string,
): ScriptParameters {
    const parameters = {
        ...runtimeParameters(settings),
        KUBELET_PATCH: node.kubeletConfiguration ? JSON.stringify(node.kubeletConfiguration) : "",
        KUBEADM_CONFIG: kubeadmConfig,
    };
    return {
        ...parameters,
        // Where packages come from is no reason to touch a live node; what it runs is.
        ROLLOUT_DIGEST: digest({ ...parameters, ...readByKubelets(settings) }),
        NODE_NAME: node.name,
        NODE_ADDRESS: privateAddressOf(node),
        CONTROL_PLANE_ENDPOINT: endpointText(settings.endpoint),
        ENDPOINT_PLACEMENT: settings.loadBalancer.placement ?? "external",
        // What a volume needs on the node that mounts it.
        NODE_PACKAGES: settings.storage?.provisioner === StorageProvisioner.Nfs ? "nfs-common" : "",
        ...dnsParameters(settings),
        ...upgradeParameters(settings),
        IPV6: settings.network.podSubnet.includes(":"),
        DRAIN_TIMEOUT: settings.drainTimeoutSeconds,
        WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
        ...repositoryParameters(settings),
    };
}

// A worker's own documents do not have it: its kubelet reads the cluster's configuration when it is rolled out.
const readByKubelets = (settings: ClusterSettings): ScriptParameters => {
    const configuration = { ...clusterDns(settings), ...settings.kubeletConfiguration };
    return Object.keys(configuration).length > 0 ? { KUBELET_CONFIGURATION: JSON.stringify(configuration) } : {};
};

// For the way back: whose rules a killed cache leaves behind.
function dnsParameters(settings: ClusterSettings): ScriptParameters {
    const dns = nodeLocalDns(settings);
    return dns ? { NODE_LOCAL_DNS: `${dns.local} ${dns.service}` } : {};
}

// `kubeadm upgrade node` does not read what the node joined with.
function upgradeParameters(settings: ClusterSettings): ScriptParameters {
    const ignored = ignoredPreflightErrors(settings);
    return ignored.length > 0 ? { IGNORED_PREFLIGHT_ERRORS: ignored.join(",") } : {};
}

export const controlPlaneParameters = (settings: ClusterSettings, node: NodeArgs): ScriptParameters => ({
    ...etcdParameters(settings, node),
    ...nodeBalancerParameters(settings, node, [Placement.ControlPlane, Placement.NodeLocal]),
    ...firewallParameters(settings.firewall, node, controlPlaneOpenings(settings, node), settings.network),
    CERT_SANS: [
        node.name,
        privateAddressOf(node),
        ...(node.secondaryAddress ? [node.secondaryAddress] : []),
        ...endpointNames(settings),
    ].join(" "),
});

export const workerParameters = (settings: ClusterSettings, node: NodeArgs): ScriptParameters => ({
    ...nodeBalancerParameters(settings, node, [Placement.NodeLocal]),
    ...firewallParameters(settings.firewall, node, nodeOpenings(settings), settings.network),
});

// A node that balances nothing is told so: it may have done until now.
const nodeBalancerParameters = (settings: ClusterSettings, node: NodeArgs, here: Placement[]): ScriptParameters => {
    const { placement } = settings.loadBalancer;
    return placement !== undefined && here.includes(placement)
        ? balancerParameters(balancedBy(settings), node)
        : { LOAD_BALANCER: "" };
};

// `kubeadm` runs the stacked member; `none` runs here, and the endpoints are asked.
function etcdParameters({ etcd }: ClusterSettings, node: NodeArgs): ScriptParameters {
    const layout = { ETCD_LAYOUT: layoutOf(etcd) };
    if (isStacked(etcd)) return { ...layout, ...membershipParameters(etcd, node), ETCD_RUNTIME: "kubeadm" };
    if (onControlPlane(etcd)) return memberParameters(etcd, node);
    return { ...layout, ETCD_RUNTIME: "none", ETCD_ENDPOINTS: etcd.endpoints.join(" ") };
}

export const balancedBy = ({ loadBalancer: balancer, controlPlaneNodes }: ClusterSettings): Balanced => ({
    balancer,
    hosts: balancer.placement === Placement.Dedicated ? balancer.hosts : (controlPlaneNodes as HostArgs[]),
    backends: controlPlaneNodes.map(backendOf),
});

const backendOf = (node: NodeArgs): Backend => ({
    name: node.name,
    address: privateAddressOf(node),
    port: PORTS.apiServer,
});
