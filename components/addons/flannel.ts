import type { apps, core, meta, rbac } from "@pulumi/kubernetes/types/input";
import { ClusterShape } from "../model/cluster";
import { KubeProxyMode, Subnets } from "../model/network";
import { FLANNEL } from "../versions/versions";
import { KubernetesObject } from "./objects";

const NAMESPACE = "kube-flannel";
const LABELS = { app: "flannel", "k8s-app": "flannel" };
const METADATA = { name: "flannel", labels: LABELS } satisfies meta.v1.ObjectMeta;
const NAMESPACED = { ...METADATA, namespace: NAMESPACE } satisfies meta.v1.ObjectMeta;

/** flannel (VXLAN), after upstream's kube-flannel.yml of the pinned version, as Kubernetes objects. */
export const flannelObjects = (settings: ClusterShape): KubernetesObject[] => [
    {
        apiVersion: "v1",
        kind: "Namespace",
        // flannel writes routes and interfaces of its host.
        metadata: { name: NAMESPACE, labels: { ...LABELS, "pod-security.kubernetes.io/enforce": "privileged" } },
    } satisfies core.v1.Namespace,
    { apiVersion: "v1", kind: "ServiceAccount", metadata: NAMESPACED } satisfies core.v1.ServiceAccount,
    {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: METADATA,
        rules: RULES,
    } satisfies rbac.v1.ClusterRole,
    {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: METADATA,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "flannel" },
        subjects: [{ kind: "ServiceAccount", name: "flannel", namespace: NAMESPACE }],
    } satisfies rbac.v1.ClusterRoleBinding,
    {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { ...NAMESPACED, name: "kube-flannel-cfg" },
        data: { "cni-conf.json": JSON.stringify(CNI_CONFIG), "net-conf.json": JSON.stringify(netConfig(settings)) },
    } satisfies core.v1.ConfigMap,
    {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: {
            ...NAMESPACED,
            name: "kube-flannel-ds",
        },
        spec: {
            selector: { matchLabels: { app: "flannel" } },
            template: { metadata: { labels: LABELS }, spec: podSpec(settings) },
        },
    } satisfies apps.v1.DaemonSet,
];

const RULES = [
    { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
] satisfies rbac.v1.PolicyRule[];

const CNI_CONFIG = {
    name: "cbr0",
    cniVersion: "0.3.1",
    plugins: [
        { type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true } },
        { type: "portmap", capabilities: { portMappings: true } },
    ],
};

function netConfig({ network, cni }: ClusterShape) {
    const { v4, v6 } = network.podSubnets;
    return {
        ...(v4 ? { Network: v4 } : { EnableIPv4: false }),
        ...(v6 ? { EnableIPv6: true, IPv6Network: v6 } : {}),
        EnableNFTables: network.kubeProxy === KubeProxyMode.Nftables,
        Backend: { Type: cni.mode, ...(cni.mtu ? { MTU: cni.mtu } : {}) },
    };
}

const fromField = (name: string, fieldPath: string): core.v1.EnvVar => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
});
const hostPath = (name: string, path: string, type?: string): core.v1.Volume => ({ name, hostPath: { path, type } });
const volumeMount = (name: string, mountPath: string): core.v1.VolumeMount => ({ name, mountPath });

/**
 * flanneld's command. Its interface is the one with the node's address: without `--iface` it takes that of the default route, which on a
 * host with several networks may be another one. With IPv6 the address of that family is asked for apart (pkg/ipmatch/match.go).
 */
function flanneld({ v4, v6 }: Subnets): Pick<core.v1.Container, "command" | "args"> {
    const flags = ["--ip-masq", "--kube-subnet-mgr"];
    if (v4 === undefined || v6 === undefined) {
        const own = v4 === undefined ? ["--iface=$(NODE_IP)", "--public-ipv6=$(NODE_IP)"] : ["--iface=$(NODE_IP)"];
        return { command: ["/opt/bin/flanneld"], args: [...flags, ...own] };
    }
    return { command: ["/bin/sh", "-c", BOTH_FAMILIES, "flanneld"], args: flags };
}

// NODE_IPS has the two addresses, with a comma between.
const BOTH_FAMILIES = [
    "IFS=,; for address in $NODE_IPS; do",
    "case $address in *:*) six=$address ;; *) four=$address ;; esac; done;",
    "unset IFS; interface_of() { ip -o address | grep -F \" $1/\" | cut -d ' ' -f 2; };",
    // flanneld refuses two addresses on two interfaces; by the default routes it may find one that has both families.
    'if [ "$(interface_of "$four")" != "$(interface_of "$six")" ]; then exec /opt/bin/flanneld "$@"; fi;',
    'exec /opt/bin/flanneld --iface="$four" --public-ipv6="$six" "$@"',
].join(" ");

/**
 * Configures containerd once flanneld has written the file that the CNI plugin reads. Upstream's init container does so before flanneld
 * starts: then a Node is Ready too early, its first pods fail, and the kubelet tries them again after 12 s.
 */
const CONFIGURE_CONTAINERD = [
    "tries=0; until [ -s /run/flannel/subnet.env ]; do",
    // A failure restarts flanneld. It has five minutes, because it may wait for the API or for the node's subnet.
    'tries=$((tries + 1)); [ "$tries" -lt 3000 ] || { echo "flanneld wrote no /run/flannel/subnet.env"; exit 1; }; sleep 0.1; done;',
    // containerd reads the folder at each change, and must not find half a file.
    "cp /etc/kube-flannel/cni-conf.json /etc/cni/net.d/.10-flannel &&",
    "mv /etc/cni/net.d/.10-flannel /etc/cni/net.d/10-flannel.conflist",
].join(" ");

const podSpec = ({ network: { podSubnets } }: ClusterShape): core.v1.PodSpec => ({
    hostNetwork: true,
    priorityClassName: "system-node-critical",
    serviceAccountName: "flannel",
    // Upstream's tolerates NoSchedule alone; a node with another taint would have no network.
    tolerations: [{ operator: "Exists" }],
    affinity: {
        nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                    { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] },
                ],
            },
        },
    },
    initContainers: [
        {
            name: "install-cni-plugin",
            image: FLANNEL.cniPluginImage,
            command: ["cp"],
            args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
            volumeMounts: [volumeMount("cni-plugin", "/opt/cni/bin")],
        },
    ],
    containers: [
        {
            name: "kube-flannel",
            image: FLANNEL.image,
            ...flanneld(podSubnets),
            lifecycle: { postStart: { exec: { command: ["/bin/sh", "-c", CONFIGURE_CONTAINERD] } } },
            resources: { requests: { cpu: "100m", memory: "50Mi" } },
            securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
            env: [
                fromField("POD_NAME", "metadata.name"),
                fromField("POD_NAMESPACE", "metadata.namespace"),
                fromField("NODE_IP", "status.hostIP"),
                fromField("NODE_IPS", "status.hostIPs"),
                { name: "EVENT_QUEUE_DEPTH", value: "5000" },
                { name: "CONT_WHEN_CACHE_NOT_READY", value: "false" },
            ],
            volumeMounts: [
                volumeMount("run", "/run/flannel"),
                volumeMount("cni", "/etc/cni/net.d"),
                volumeMount("flannel-cfg", "/etc/kube-flannel/"),
                volumeMount("xtables-lock", "/run/xtables.lock"),
            ],
        },
    ],
    volumes: [
        hostPath("run", "/run/flannel"),
        hostPath("cni-plugin", "/opt/cni/bin"),
        hostPath("cni", "/etc/cni/net.d"),
        { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
        hostPath("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
    ],
});
