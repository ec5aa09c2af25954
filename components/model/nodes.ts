import { Fault, duplicates, fault } from "../lib/faults";
import { ExtraArg, withDefaultArgs } from "./controlPlaneComponents";
import { HostArgs, HostDefaults, HostSettings, resolveHost, validateHost } from "./hosts";
import { SshArgs } from "./ssh";

/** A host that is a Kubernetes node. */
export interface NodeArgs extends HostArgs {
    /** Its address of the other family (node-ip), in a dual-stack cluster, where it is required. Must be on an interface. */
    secondaryAddress?: string;
    /**
     * Labels of the Node, owned by the program: one that leaves the list leaves the Node, and those of others stay.
     * `node-role.kubernetes.io/control-plane` is kubeadm's. A change touches the Node object alone.
     */
    labels?: Record<string, string>;
    /** Annotations of the Node; as labels. */
    annotations?: Record<string, string>;
    /**
     * Taints of the Node, owned by the program: one that leaves the list leaves the Node, and those of others stay. A change
     * touches the Node object alone; `NoExecute` evicts its pods.
     * @default `node-role.kubernetes.io/control-plane:NoSchedule` on control plane nodes, none on workers
     */
    taints?: TaintArgs[];
    /** Fields of this node's kubelet's configuration, over the cluster's. A change restarts the kubelet. @default none */
    kubeletConfiguration?: Record<string, unknown>;
    /** Flags of this node's kubelet. A change restarts it. @default node-ip: the private address */
    kubeletExtraArgs?: ExtraArg[];
}

export interface TaintArgs {
    key: string;
    value?: string;
    /** NoSchedule, PreferNoSchedule or NoExecute */
    effect: string;
}

/** A host that is a Kubernetes node, with every default filled in. */
export interface NodeSettings extends HostSettings {
    labels: Record<string, string>;
    annotations: Record<string, string>;
    /** The kubelet registers the Node with them. */
    taints: TaintArgs[];
    /** Fields of this node's own, over the cluster's. */
    kubeletConfiguration: Record<string, unknown>;
    kubeletExtraArgs: ExtraArg[];
}

export function resolveNode(node: NodeArgs, defaults: HostDefaults, defaultTaints: TaintArgs[]): NodeSettings {
    const host = resolveHost(node, defaults);
    const nodeIp = [host.privateAddress, host.secondaryAddress].filter(Boolean).join(",");
    return {
        ...host,
        labels: node.labels ?? {},
        annotations: node.annotations ?? {},
        taints: node.taints ?? defaultTaints,
        kubeletConfiguration: node.kubeletConfiguration ?? {},
        kubeletExtraArgs: withDefaultArgs(node.kubeletExtraArgs, [{ name: "node-ip", value: nodeIp }]),
    };
}

/** kubeadm's taint of control plane nodes, which keeps ordinary pods away. */
export const CONTROL_PLANE_TAINT: TaintArgs = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateNode(path: string, node: NodeArgs, ssh: SshArgs | undefined): Fault[] {
    const taints = (node.taints ?? []).flatMap((taint, i) =>
        TAINT_EFFECTS.includes(taint.effect)
            ? []
            : [fault(`${path}.taints[${i}].effect`, taint.effect, TAINT_EFFECTS.join(", "))],
    );
    const twice = duplicates(
        (node.taints ?? []).map(({ key, effect }, i) => ({ path: `${path}.taints[${i}]`, value: `${key}:${effect}` })),
        "a key with an effect",
    );
    const labels = Object.keys(node.labels ?? {})
        .filter((key) => key === "node-role.kubernetes.io/control-plane")
        .map((key) => fault(`${path}.labels`, key, "another label: this one is kubeadm's"));
    return [...validateHost(path, node, ssh), ...taints, ...twice, ...labels];
}
