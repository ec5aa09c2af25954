import { EXCLUDE_FROM_BALANCERS, NodeShape, TaintArgs, isExcludedFromBalancers } from "../model/nodes";
import { BootstrapTokens } from "./tokens";

/** Annotation with the id of the token with which the Node's machine joined. */
const JOIN_TOKEN = "pulumi-kubeadm/join-token";

/** Annotation with the taints of the Node that the program owns (scripts/lib/cluster/taints.sh). */
const TAINTS = "pulumi-kubeadm/taints";

/** The labels, annotations and taints that the program owns on each Node, as one JSON List with a line for each. */
export function nodeObjects(nodes: NodeShape[], tokens: BootstrapTokens): string {
    const items = nodes.map(({ name, labels, annotations, taints }) => ({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels, annotations: { ...annotations, ...joinedWith(tokens, name), ...owned(taints) } },
    }));
    const lines = items.map((item) => JSON.stringify(item)).join(",\n");
    return `{"apiVersion":"v1","kind":"List","items":[\n${lines}\n]}`;
}

/**
 * kubeadm's label of control plane nodes, which keeps the load balancers of Services away from them (cloud controllers, MetalLB,
 * kube-vip), on each that has it, as one JSON List.
 */
export function controlPlaneObjects(nodes: NodeShape[]): string {
    const items = nodes.map((node) => ({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: node.name, labels: isExcludedFromBalancers(node) ? { [EXCLUDE_FROM_BALANCERS]: "" } : {} },
    }));
    return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

const joinedWith = (tokens: BootstrapTokens, name: string): Record<string, string> =>
    name in tokens ? { [JOIN_TOKEN]: tokens[name].id } : {};

const owned = (taints: TaintArgs[]): Record<string, string> =>
    taints.length > 0 ? { [TAINTS]: JSON.stringify(taints) } : {};
