import { PORTS } from "./constants";
import { Backend } from "./config/haproxy";
import { memberParameters, membershipParameters } from "./etcdMember";
import { isStacked, layoutOf, onControlPlane } from "./etcdSettings";
import { repositoryParameters, runtimeParameters } from "./hostSources";
import { loadBalancerParameters } from "./loadBalancer";
import { privateAddressOf } from "./remote/connection";
import { digest, ScriptParameters } from "./remote/parameters";
import { ClusterSettings, endpointText, endpointNames } from "./settings";
import { CniPlugin, HostArgs, LoadBalancerPlacement, NodeArgs, StorageProvisioner } from "./types";

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
        ROLLOUT_DIGEST: digest(parameters),
        NODE_NAME: node.name,
        NODE_ADDRESS: privateAddressOf(node),
        CONTROL_PLANE_ENDPOINT: endpointText(settings.endpoint),
        // What a volume needs on the node that mounts it.
        NODE_PACKAGES: settings.storage?.provisioner === StorageProvisioner.Nfs ? "nfs-common" : "",
        IPV6: settings.network.podSubnet.includes(":"),
        WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
        ...repositoryParameters(settings),
    };
}

export function controlPlaneParameters(settings: ClusterSettings, node: NodeArgs): ScriptParameters {
    const balanced = settings.loadBalancer.placement === LoadBalancerPlacement.ControlPlane;
    return {
        ...etcdParameters(settings, node),
        ...(balanced ? loadBalancerParameters(balancerOf(settings), node) : {}),
        CERT_SANS: [node.name, privateAddressOf(node), ...endpointNames(settings)].join(" "),
    };
}

// `kubeadm` runs the stacked member; `none` runs here, and the endpoints are asked.
function etcdParameters({ etcd }: ClusterSettings, node: NodeArgs): ScriptParameters {
    const layout = { ETCD_LAYOUT: layoutOf(etcd) };
    if (isStacked(etcd)) return { ...layout, ...membershipParameters(etcd, node), ETCD_RUNTIME: "kubeadm" };
    if (onControlPlane(etcd)) return memberParameters(etcd, node);
    return { ...layout, ETCD_RUNTIME: "none", ETCD_ENDPOINTS: etcd.endpoints.join(" ") };
}

export function balancerOf(settings: ClusterSettings) {
    const { placement, hosts = [], port, virtualAddress, advertInterval, virtualRouterId } = settings.loadBalancer;
    const onControlPlane = placement === LoadBalancerPlacement.ControlPlane;
    return {
        hosts: onControlPlane ? (settings.controlPlaneNodes as HostArgs[]) : hosts,
        backends: settings.controlPlaneNodes.map(backendOf),
        port,
        virtualAddress,
        advertInterval,
        virtualRouterId,
    };
}

const backendOf = (node: NodeArgs): Backend => ({
    name: node.name,
    address: privateAddressOf(node),
    port: PORTS.apiServer,
});
