import * as pulumi from "@pulumi/pulumi";
import { Balanced, balancerParameters } from "./balancerParameters";
import { authorityLines, credentialLines, registryLines } from "./config/registries";
import { etcdPeers } from "./config/etcd";
import { Backend } from "./config/proxy";
import { PORTS } from "./constants";
import { privateAddressOf } from "./remote/connection";
import { digest, ScriptParameters } from "./remote/parameters";
import { ClusterSettings, endpointText, endpointNames } from "./settings";
import { CniPlugin, HostArgs, LoadBalancerPlacement as Placement, NodeArgs, StorageProvisioner } from "./types";
import { pauseImage } from "./versions";

/**
 * What a node shall be, as the parameters of its scripts. `prepare` stages it on the host; `bootstrap` builds from it,
 * `rollout` moves a live node to it.
 */
export function kubernetesParameters(
    settings: ClusterSettings,
    node: NodeArgs,
    kubeadmConfig: string,
): ScriptParameters {
    const { kubernetes, containerd, registryMirrors, registries, imageRepository } = settings.sources;
    const cgroupDriver = settings.kubeletConfiguration.cgroupDriver ?? "systemd";
    const parameters = {
        KUBELET_PATCH: node.kubeletConfiguration ? JSON.stringify(node.kubeletConfiguration) : "",
        KUBERNETES_VERSION: settings.kubernetesVersion,
        KUBEADM_CONFIG: kubeadmConfig,
        SANDBOX_IMAGE: pauseImage(settings.kubernetesVersion, imageRepository),
        SYSTEMD_CGROUP: cgroupDriver === "systemd",
        RESTRICT_OOM_SCORE_ADJ: settings.restrictOomScoreAdj,
        ...proxyParameters(settings),
    };
    return {
        ...parameters,
        // Where packages come from is no reason to touch a live node; what it runs is.
        ROLLOUT_DIGEST: digest(parameters),
        REGISTRIES: registryLines(registryMirrors, registries),
        REGISTRY_CAS: authorityLines(registries),
        NODE_NAME: node.name,
        NODE_ADDRESS: privateAddressOf(node),
        CONTROL_PLANE_ENDPOINT: endpointText(settings.endpoint),
        ENDPOINT_PLACEMENT: settings.loadBalancer.placement ?? "external",
        // What a volume needs on the node that mounts it.
        NODE_PACKAGES: settings.storage?.provisioner === StorageProvisioner.Nfs ? "nfs-common" : "",
        IPV6: settings.network.podSubnet.includes(":"),
        WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
        KUBERNETES_REPOSITORY: kubernetes.uri,
        KUBERNETES_SUITE: kubernetes.suite ?? "",
        KUBERNETES_KEY: kubernetes.key,
        CONTAINERD_REPOSITORY: containerd.uri,
        CONTAINERD_SUITE: containerd.suite ?? "",
        CONTAINERD_KEY: containerd.key === kubernetes.key ? "" : containerd.key,
    };
}

/** The node's whole desired state; a secret where it has a password, a registry's or one of `secrets`. */
export function stagedParameters(
    settings: ClusterSettings,
    clusterId: pulumi.Input<string>,
    parameters: ScriptParameters,
    secrets: pulumi.Input<ScriptParameters> = {},
): pulumi.Output<ScriptParameters> {
    const { registries } = settings.sources;
    const staged = pulumi
        .all([clusterId, credentialLines(registries), secrets])
        .apply(([id, logins, more]): ScriptParameters => ({
            ...parameters,
            ...more,
            CLUSTER_ID: id,
            ...(logins ? { REGISTRY_LOGINS: logins } : {}),
        }));
    return Object.values(registries).some(({ password }) => password !== undefined) ? pulumi.secret(staged) : staged;
}

/** The cluster's own traffic never takes the proxy, whatever containerd is asked for. */
export function proxyParameters({ sources: { proxy }, network, endpoint }: ClusterSettings): ScriptParameters {
    if (!proxy) return { PROXY_HTTP: "", PROXY_HTTPS: "", PROXY_NONE: "" };
    const own = ["localhost", "127.0.0.1", ".svc", `.${network.dnsDomain}`, endpoint.host];
    const subnets = [network.podSubnet, network.serviceSubnet].flatMap((subnet) => subnet.split(","));
    return {
        PROXY_HTTP: proxy.http ?? "",
        PROXY_HTTPS: proxy.https ?? "",
        PROXY_NONE: [...new Set([...own, ...subnets, ...(proxy.no ?? [])])].join(","),
    };
}

export const controlPlaneParameters = (settings: ClusterSettings, node: NodeArgs): ScriptParameters => ({
    ...stackedEtcdParameters(settings, node),
    ...nodeBalancerParameters(settings, node, [Placement.ControlPlane, Placement.NodeLocal]),
    CERT_SANS: [node.name, privateAddressOf(node), ...endpointNames(settings)].join(" "),
});

export const workerParameters = (settings: ClusterSettings, node: NodeArgs): ScriptParameters =>
    nodeBalancerParameters(settings, node, [Placement.NodeLocal]);

// A node that balances nothing is told so: it may have done until now.
const nodeBalancerParameters = (settings: ClusterSettings, node: NodeArgs, here: Placement[]): ScriptParameters => {
    const { placement } = settings.loadBalancer;
    return placement !== undefined && here.includes(placement)
        ? balancerParameters(balancedBy(settings), node)
        : { LOAD_BALANCER: "" };
};

/** The members that a member asks, and starts together with. */
const stackedEtcdParameters = (settings: ClusterSettings, node: NodeArgs): ScriptParameters => ({
    ETCD_NAME: node.name,
    ETCD_ADDRESS: privateAddressOf(node),
    ETCD_PEERS: etcdPeers(settings.controlPlaneNodes, node),
});

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
