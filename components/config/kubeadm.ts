import { stringify } from "yaml";
import { CRI_SOCKET, ETCD_CLIENT, HOST_STATE, PORTS } from "../constants";
import { EtcdSettings, isStacked } from "../etcdSettings";
import { privateAddressOf } from "../remote/connection";
import { ClusterSettings, endpointNames, endpointText } from "../settings";
import { NodeArgs } from "../types";
import { BootstrapToken } from "./bootstrapToken";
import { etcdFlags } from "./etcd";

/** kubeadm's configuration API (kubeadm.k8s.io/v1beta4), as documents; the kubelet's and kube-proxy's beside it. */
type Document = Record<string, unknown>;

const KUBEADM_API = "kubeadm.k8s.io/v1beta4";
const CONTROL_PLANE_TAINT = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

export const toYaml = (...documents: Document[]): string =>
    documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");

/** What a control plane node bootstraps and rolls out from. */
export const controlPlaneConfig = (settings: ClusterSettings, node: NodeArgs): string =>
    toYaml(
        initConfiguration(settings, node, { taints: node.taints ?? [CONTROL_PLANE_TAINT] }),
        clusterConfiguration(settings),
        kubeletConfiguration(settings),
        kubeProxyConfiguration(settings),
    );

/** What is uploaded for `kubeadm join` and `kubeadm upgrade` to read. */
export const uploadConfig = (settings: ClusterSettings, node: NodeArgs, tokens: BootstrapToken[]): string =>
    toYaml(
        { ...initConfiguration(settings, node, {}), bootstrapTokens: tokens.map(bootstrapTokenEntry) },
        clusterConfiguration(settings),
        kubeletConfiguration(settings),
        kubeProxyConfiguration(settings),
    );

export const workerConfig = (settings: ClusterSettings, node: NodeArgs): string =>
    toYaml({
        apiVersion: KUBEADM_API,
        kind: "JoinConfiguration",
        discovery: { file: { kubeConfigPath: `${HOST_STATE}/bootstrap-kubelet.conf` } },
        nodeRegistration: nodeRegistration(settings, node, { taints: node.taints ?? [] }),
        patches: { directory: `${HOST_STATE}/patches` },
    });

const initConfiguration = (settings: ClusterSettings, node: NodeArgs, registration: Document): Document => ({
    apiVersion: KUBEADM_API,
    kind: "InitConfiguration",
    localAPIEndpoint: { advertiseAddress: privateAddressOf(node), bindPort: PORTS.apiServer },
    nodeRegistration: nodeRegistration(settings, node, registration),
    patches: { directory: `${HOST_STATE}/patches` },
});

function nodeRegistration(settings: ClusterSettings, node: NodeArgs, more: Document): Document {
    // kubeadm refuses cgroup v1 whatever the kubelet was told; who tells the kubelet to take it means both.
    const ignored = settings.kubeletConfiguration.failCgroupV1 === false ? ["SystemVerification"] : [];
    const labels = Object.entries(node.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    return {
        name: node.name,
        criSocket: CRI_SOCKET,
        kubeletExtraArgs: [
            { name: "node-ip", value: privateAddressOf(node) },
            ...(labels.length > 0 ? [{ name: "node-labels", value: labels.join(",") }] : []),
        ],
        ...(ignored.length > 0 ? { ignorePreflightErrors: ignored } : {}),
        ...more,
    };
}

function clusterConfiguration(settings: ClusterSettings): Document {
    // Profiling tells much to whoever reaches the port (CIS 1.2.15, 1.3.2, 1.4.1).
    const noProfiling = [{ name: "profiling", value: "false" }];
    return {
        apiVersion: KUBEADM_API,
        kind: "ClusterConfiguration",
        kubernetesVersion: `v${settings.kubernetesVersion}`,
        clusterName: settings.clusterName,
        controlPlaneEndpoint: endpointText(settings.endpoint),
        imageRepository: settings.sources.imageRepository,
        encryptionAlgorithm: "ECDSA-P256",
        networking: settings.network,
        apiServer: { certSANs: endpointNames(settings), extraArgs: noProfiling },
        controllerManager: { extraArgs: noProfiling },
        scheduler: { extraArgs: noProfiling },
        etcd: isStacked(settings.etcd)
            ? { local: localEtcd(settings.etcd) }
            : { external: externalEtcd(settings.etcd) },
    };
}

function localEtcd({ args }: EtcdSettings): Document {
    const extraArgs = Object.entries(etcdFlags(args)).map(([name, value]) => ({ name, value: String(value) }));
    return {
        ...(args.dataDir ? { dataDir: args.dataDir } : {}),
        ...(extraArgs.length > 0 ? { extraArgs } : {}),
    };
}

function externalEtcd({ endpoints }: EtcdSettings): Document {
    const { caFile, certFile, keyFile } = ETCD_CLIENT;
    return { endpoints, caFile, certFile, keyFile };
}

const kubeletConfiguration = (settings: ClusterSettings): Document => ({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    ...settings.kubeletConfiguration,
});

const kubeProxyConfiguration = (settings: ClusterSettings): Document => ({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clusterCIDR: settings.network.podSubnet,
    ...settings.kubeProxyConfiguration,
});

// The token has no end of its own: it dies when its node has joined, in the same `up`. With one, a machine that was off
// for longer could never be finished by a rerun.
const bootstrapTokenEntry = (token: BootstrapToken): Document => ({
    token: `${token.id}.${token.secret}`,
    description: `pulumi-kubeadm: ${token.node}`,
    ttl: "0s",
    usages: ["authentication"],
    groups: ["system:bootstrappers:kubeadm:default-node-token"],
});
