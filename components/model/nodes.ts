import * as pulumi from "@pulumi/pulumi";
import { Fault, duplicates, fault } from "../lib/faults";
import { isLabelValue } from "../lib/forms";
import { Known } from "../lib/known";
import { ExtraArg, withDefaultArgs } from "./controlPlaneComponents";
import { HostArgs, HostDefaults, HostSettings, HostShape, resolveHost, validateHost } from "./hosts";
import { VALUE, keyFaults, labelFaults, ownLabelFaults } from "./nodeLabels";
import { SshArgs } from "./ssh";

/** A host that is a Kubernetes node. */
export interface NodeArgs extends HostArgs {
    /**
     * The node's address of the second family. Required on every node of a dual-stack cluster. It is in the
     * certificate of a control plane node.
     * @kind IP address
     * @change Rolled out.
     */
    secondaryAddress?: pulumi.Input<string>;
    /**
     * Labels of the Node object, owned by the program: a label that you remove here is removed from the Node, and
     * other labels stay. `node-role.kubernetes.io/control-plane` is kubeadm's.
     * @change The Node object is updated; nothing restarts.
     */
    labels?: Record<string, string>;
    /**
     * Annotations of the Node object, owned like labels.
     * @change The Node object is updated; nothing restarts.
     */
    annotations?: Record<string, string>;
    /**
     * Taints of the Node. An empty list means no taint. The kubelet registers a new Node with them. A control plane node with taints
     * has kubeadm's label `node.kubernetes.io/exclude-from-external-load-balancers`; one without taints has none, so the load balancers
     * of Services use it as a worker, unless that label is in `labels`.
     * @otherwise `node-role.kubernetes.io/control-plane:NoSchedule` on control plane nodes, none on workers
     * @change Set on the Node, which is neither drained nor restarted; a taint that leaves the list leaves the Node,
     * and taints of others stay. `NoExecute` evicts pods. The label for load balancers comes and goes with them.
     */
    taints?: TaintArgs[];
    /**
     * Fields of this node's kubelet configuration; they override the cluster's `kubeletConfiguration`.
     * @change Rolled out on this node; its kubelet restarts.
     */
    kubeletConfiguration?: Record<string, unknown>;
    /**
     * Flags of this node's kubelet. `node-labels` takes labels that a kubelet may give itself; set others, such as
     * `node-role.kubernetes.io/worker`, in `labels`.
     * @otherwise `node-ip`: the node's addresses, and `hostname-override`: its name, so that a host that DHCP or cloud-init renames stays
     * the same node
     * @change Rolled out on this node; its kubelet restarts.
     */
    kubeletExtraArgs?: ExtraArg[];
}

/** A node whose values are known. */
export type KnownNodeArgs = Known<NodeArgs, "address" | "privateAddress" | "secondaryAddress" | "hostKey">;

export interface TaintArgs {
    /**
     * The key of the taint.
     * @change As for `taints[]`.
     */
    key: string;
    /**
     * The value of the taint.
     * @change As for `taints[]`.
     */
    value?: string;
    /**
     * `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
     * @change As for `taints[]`.
     */
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

/** The settings of a node that are plain values. */
export type NodeShape = HostShape & Pick<NodeSettings, "labels" | "annotations" | "taints">;

export function resolveNode(node: KnownNodeArgs, defaults: HostDefaults, defaultTaints: TaintArgs[]): NodeSettings {
    const host = resolveHost(node, defaults);
    const nodeIp = [host.privateAddress, host.secondaryAddress].filter(Boolean).join(",");
    return {
        ...host,
        labels: node.labels ?? {},
        annotations: node.annotations ?? {},
        taints: node.taints ?? defaultTaints,
        kubeletConfiguration: node.kubeletConfiguration ?? {},
        kubeletExtraArgs: withDefaultArgs(node.kubeletExtraArgs, [
            { name: "hostname-override", value: node.name },
            { name: "node-ip", value: nodeIp },
        ]),
    };
}

/** kubeadm's taint of control plane nodes, which keeps ordinary pods away. */
export const CONTROL_PLANE_TAINT: TaintArgs = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

/** kubeadm's label of a control plane node that runs no workload: load balancers of Services send it nothing. */
export const EXCLUDE_FROM_BALANCERS = "node.kubernetes.io/exclude-from-external-load-balancers";

/** A control plane node without taints runs workload as a worker does. The user's own label of that key stays as it is. */
export const isExcludedFromBalancers = ({ taints, labels }: Pick<NodeShape, "taints" | "labels">): boolean =>
    taints.length > 0 && !(EXCLUDE_FROM_BALANCERS in labels);

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateNode(path: string, node: KnownNodeArgs, ssh: SshArgs | undefined): Fault[] {
    const taints = (node.taints ?? []).flatMap((taint, i) => taintFaults(`${path}.taints[${i}]`, taint));
    const twice = duplicates(
        (node.taints ?? []).map(({ key, effect }, i) => ({ path: `${path}.taints[${i}]`, value: `${key}:${effect}` })),
        "a key with an effect",
    );
    return [
        ...validateHost(path, node, ssh),
        ...taints,
        ...twice,
        ...Object.entries(node.labels ?? {}).flatMap((label) => labelFaults(`${path}.labels`, label)),
        ...ownLabelFaults(`${path}.kubeletExtraArgs`, node),
        ...Object.keys(node.annotations ?? {}).flatMap((key) => keyFaults(`${path}.annotations`, key)),
    ];
}

function taintFaults(path: string, { key, value = "", effect }: TaintArgs): Fault[] {
    return [
        ...keyFaults(`${path}.key`, key ?? ""),
        ...(isLabelValue(value) ? [] : [fault(`${path}.value`, value, VALUE)]),
        ...(TAINT_EFFECTS.includes(effect) ? [] : [fault(`${path}.effect`, effect, TAINT_EFFECTS.join(", "))]),
    ];
}
