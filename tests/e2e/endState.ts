import { membersSeenBy, STACKED } from "./etcdMembers";
import { kubectl, onHost, Stack } from "./stack";

/** The resources, Nodes, etcd members and files after an `up`. An interrupted and resumed run must equal an undisturbed one. */
export interface EndState {
    resources: string[];
    nodes: string[];
    members: string[];
    /** By host: which files there are, and the checksums of some. */
    files: Record<string, string[]>;
    contents: Record<string, string[]>;
}

export async function endState(stack: Stack, controlPlane: string[], nodes: string[]): Promise<EndState> {
    return {
        resources: stack
            .resources()
            .map(({ urn }) => urn)
            .sort(),
        nodes: await nodeObjects(),
        members: await membersSeenBy(controlPlane[0], STACKED),
        files: await onEach(nodes, FILES),
        contents: await onEach(nodes, CONTENTS),
    };
}

interface NodeObject {
    metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
    spec: { taints?: { key: string; effect: string }[]; unschedulable?: boolean };
}

/** Annotations have values of one machine, so their names are compared; the CNI plugin writes its own later. */
async function nodeObjects(): Promise<string[]> {
    const { items } = JSON.parse(await kubectl("get", "nodes", "-o", "json")) as { items: NodeObject[] };
    return items
        .map(({ metadata: { name, labels, annotations }, spec }) =>
            JSON.stringify([name, labels, ownNames(annotations), lasting(spec.taints), spec.unschedulable]),
        )
        .sort();
}

// Kubernetes' own follow from the condition of a node (kubernetes.io, "Taints and Tolerations").
const lasting = (taints: { key: string }[] = []) => taints.filter(({ key }) => !key.startsWith("node.kubernetes.io/"));

const ownNames = (annotations: Record<string, string>): string[] =>
    Object.keys(annotations)
        .filter((name) => name.startsWith("pulumi-kubeadm/"))
        .sort();

/** With mode and owner. A kubelet's certificates have dates in their names. */
const FILES = `cd / && find etc/kubernetes etc/containerd etc/haproxy etc/keepalived etc/cni var/lib/pulumi-kubeadm \\
        var/lib/kubelet/pki var/lib/kubelet/config.yaml var/lib/kubelet/kubeadm-flags.env -type f -printf '%p %m %u\\n' 2>/dev/null |
    sed -E 's/[0-9]{4}(-[0-9]{2}){5}/DATE/' | sort -u`;

/** Files with nothing of one machine or one run in them. */
const CONTENTS = `cd / && sha256sum etc/containerd/config.toml etc/haproxy/haproxy.cfg etc/keepalived/keepalived.conf \\
        var/lib/kubelet/config.yaml var/lib/pulumi-kubeadm/kubeadm.yaml etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null || true`;

async function onEach(hosts: string[], script: string): Promise<Record<string, string[]>> {
    const texts = await Promise.all(hosts.map((host) => onHost(host, script)));
    return Object.fromEntries(hosts.map((host, i) => [host, texts[i].split("\n")]));
}
