import { stringify } from "yaml";
import { etcdFlags } from "../etcd/config";
import { ETCD_CLIENT } from "../etcd/credentials";
import { HOST_STATE } from "../host/host";
import { CRI_SOCKET } from "../host/runtime";
import { hostPort } from "../lib/addresses";
import { PORTS } from "../lib/ports";
import { ClusterSettings } from "../model/cluster";
import { clusterDns } from "../model/coreDns";
import { EtcdSettings, isStacked } from "../model/etcd";
import { KubeProxyMode } from "../model/network";
import { NodeSettings } from "../model/nodes";
import { PLACEHOLDER_TOKEN } from "./tokens";

/** kubeadm's configuration API (kubeadm.k8s.io/v1beta4), as documents; the kubelet's and kube-proxy's beside it. */
type Document = Record<string, unknown>;

const KUBEADM_API = "kubeadm.k8s.io/v1beta4";

export const toYaml = (...documents: Document[]): string =>
    documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");

/**
 * kubeadm's configuration of one control plane node. The kubelet registers the Node with its taints, because kubeadm would add
 * them later, and a pod could be scheduled before.
 */
export function controlPlaneConfig(settings: ClusterSettings, node: NodeSettings): string {
    const { taints } = node;
    return toYaml(initConfiguration(settings, node, { taints }), clusterConfiguration(settings, node), {
        ...kubeletConfiguration(settings),
        registerWithTaints: taints,
    });
}

/** The configuration that `kubeadm join` and `kubeadm upgrade` read from the cluster. Workers' tokens are written without kubeadm. */
export const uploadConfig = (settings: ClusterSettings, node: NodeSettings): string =>
    toYaml(
        { ...initConfiguration(settings, node, {}), bootstrapTokens: [placeholderToken] },
        clusterConfiguration(settings),
        kubeletConfiguration(settings),
        kubeProxyConfiguration(settings),
    );

export const workerConfig = (settings: ClusterSettings, node: NodeSettings): string =>
    toYaml({
        apiVersion: KUBEADM_API,
        kind: "JoinConfiguration",
        discovery: { file: { kubeConfigPath: `${HOST_STATE}/bootstrap-kubelet.conf` } },
        nodeRegistration: nodeRegistration(settings, node, { taints: node.taints }),
        patches: { directory: `${HOST_STATE}/patches` },
    });

const initConfiguration = (settings: ClusterSettings, node: NodeSettings, registration: Document): Document => ({
    apiVersion: KUBEADM_API,
    kind: "InitConfiguration",
    localAPIEndpoint: { advertiseAddress: node.privateAddress, bindPort: PORTS.apiServer },
    nodeRegistration: nodeRegistration(settings, node, registration),
    patches: { directory: `${HOST_STATE}/patches` },
});

function nodeRegistration(settings: ClusterSettings, node: NodeSettings, more: Document): Document {
    const ignored = ignoredPreflightErrors(settings);
    return {
        name: node.name,
        criSocket: CRI_SOCKET,
        kubeletExtraArgs: node.kubeletExtraArgs,
        ...(ignored.length > 0 ? { ignorePreflightErrors: ignored } : {}),
        ...more,
    };
}

/** kubeadm refuses cgroup v1 whatever the kubelet was told; who tells the kubelet to take it means both. */
export const ignoredPreflightErrors = ({ kubeletConfiguration }: ClusterSettings): string[] =>
    kubeletConfiguration.failCgroupV1 === false ? ["SystemVerification"] : [];

// A node's own addresses are in its own certificate: kubeadm adds the advertised one.
function clusterConfiguration(settings: ClusterSettings, node?: NodeSettings): Document {
    const own = node?.secondaryAddress === undefined ? [] : [node.secondaryAddress];
    const { podSubnet, serviceSubnet, dnsDomain, kubeProxy } = settings.network;
    return {
        apiVersion: KUBEADM_API,
        kind: "ClusterConfiguration",
        kubernetesVersion: `v${settings.kubernetesVersion}`,
        clusterName: settings.clusterName,
        controlPlaneEndpoint: hostPort(settings.endpoint.host, settings.endpoint.port),
        imageRepository: settings.sources.imageRepository,
        ...certificateOptions(settings),
        networking: { podSubnet, serviceSubnet, dnsDomain },
        apiServer: { certSANs: [...settings.certSANs, ...own], ...settings.apiServer },
        controllerManager: settings.controllerManager,
        scheduler: settings.scheduler,
        ...(kubeProxy === KubeProxyMode.None ? { proxy: { disabled: true } } : {}),
        etcd: isStacked(settings.etcd)
            ? { local: localEtcd(settings.etcd) }
            : { external: externalEtcd(settings.etcd) },
    };
}

/** kubeadm's own validity is a year too. */
const certificateOptions = ({ certificates: { algorithm, validityHours } }: ClusterSettings): Document => ({
    encryptionAlgorithm: algorithm,
    ...(validityHours === 365 * 24 ? {} : { certificateValidityPeriod: `${validityHours}h0m0s` }),
});

function localEtcd({ options, certificateNames: { serverCertSANs, peerCertSANs } }: EtcdSettings): Document {
    const extraArgs = Object.entries(etcdFlags(options)).map(([name, value]) => ({ name, value: String(value) }));
    return {
        dataDir: options.dataDir,
        extraArgs,
        ...(serverCertSANs.length > 0 ? { serverCertSANs } : {}),
        ...(peerCertSANs.length > 0 ? { peerCertSANs } : {}),
    };
}

function externalEtcd({ endpoints }: EtcdSettings): Document {
    const { caFile, certFile, keyFile } = ETCD_CLIENT;
    return { endpoints, caFile, certFile, keyFile };
}

const kubeletConfiguration = (settings: ClusterSettings): Document => ({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    ...clusterDns(settings.coreDns),
    ...settings.kubeletConfiguration,
});

const kubeProxyConfiguration = (settings: ClusterSettings): Document => ({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clusterCIDR: settings.network.podSubnet,
    ...(settings.network.kubeProxy === KubeProxyMode.None ? {} : { mode: settings.network.kubeProxy }),
    ...settings.kubeProxyConfiguration,
});

// It expires in the second in which it is made, its group has no right, and the `cluster` phase deletes it. kubeadm does not
// take an empty list for one, and always sets a ttl, so `expires` is refused (SetDefaults_BootstrapTokens).
const placeholderToken: Document = {
    token: `${PLACEHOLDER_TOKEN.id}.${PLACEHOLDER_TOKEN.secret}`,
    ttl: "1ns",
    usages: ["authentication"],
    groups: ["system:bootstrappers:pulumi-kubeadm:none"],
};
