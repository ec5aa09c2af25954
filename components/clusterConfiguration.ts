import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { ClusterPki } from "./clusterPki";
import { bootstrapToken } from "./config/bootstrapToken";
import { coreDnsPatch } from "./config/coreDns";
import { uploadConfig } from "./config/kubeadm";
import { nodeObjects } from "./config/nodeObjects";
import { ControlPlaneNode } from "./controlPlaneNode";
import { Steps, union } from "./isolation";
import { Machine } from "./machine";
import { PhaseArgs } from "./remote/phase";
import { ClusterSettings } from "./settings";
import { CniPlugin, KubeProxyMode, NodeArgs } from "./types";
import { WorkerNode } from "./workerNode";

export interface ClusterConfigurationArgs {
    settings: ClusterSettings;
    pki: ClusterPki;
    workerNodes: NodeArgs[];
    /** The control plane's machines; the first and the last do this work. */
    machines: Machine[];
    /** The change of the control plane, and of what leads to it where that is made here. */
    after: Steps;
}

/**
 * What belongs to the cluster and to no node: kubeadm's uploaded configuration, the workers' join credentials, CoreDNS and
 * kube-proxy, and the list of nodes. A node that leaves the list is drained and removed by a control plane node that
 * stays, so a machine that is powered off can be removed as well.
 */
export class ClusterConfiguration extends pulumi.ComponentResource {
    /** Ends when workers can join and add-ons can be applied. */
    public readonly applied: remote.Command;
    private readonly args: ClusterConfigurationArgs;

    constructor(name: string, args: ClusterConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterConfiguration", name, {}, opts);
        this.args = args;
        this.applied = args.machines[0].run(`${name}-apply`, "cluster", this.parameters(), {
            parent: this,
            dependsOn: args.after,
        });
        this.registerOutputs({});
    }

    /** Ends when every node is Ready (with a CNI of ours) and the join credentials are used up. */
    public settle(name: string, nodes: (ControlPlaneNode | WorkerNode)[], network: Steps): remote.Command {
        const { machines, settings } = this.args;
        const parameters = this.tokens().apply((tokens) => ({
            NODE_NAME: settings.controlPlaneNodes[settings.controlPlaneNodes.length - 1].name,
            NODES: this.nodeNames().join(" "),
            NODE_OBJECTS: nodeObjects([...settings.controlPlaneNodes, ...this.args.workerNodes]),
            TOKEN_IDS: tokens.map(({ node, id }) => `${node} ${id}`).join("\n"),
            WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
        }));
        return machines[machines.length - 1].run(name, "settle", pulumi.secret(parameters), {
            parent: this,
            dependsOn: union([nodes.map((node) => node.rollout), network]),
        });
    }

    private parameters(): PhaseArgs["parameters"] {
        const { settings, pki } = this.args;
        const leader = settings.controlPlaneNodes[0];
        return pulumi.secret(
            pulumi.all([this.tokens(), pki.id]).apply(([tokens, id]) => ({
                NODE_NAME: leader.name,
                CLUSTER_ID: id,
                KUBEADM_UPLOAD: uploadConfig(settings, leader, tokens),
                NODES: this.nodeNames().join(" "),
                COREDNS_PATCH: coreDnsPatch(settings.coreDns),
                KUBE_PROXY: settings.network.kubeProxy !== KubeProxyMode.None,
            })),
        );
    }

    private tokens() {
        const { pki, workerNodes } = this.args;
        return pki.serviceAccountKey.apply((key) => workerNodes.map((node) => bootstrapToken(key, node)));
    }

    private nodeNames = (): string[] =>
        [...this.args.settings.controlPlaneNodes, ...this.args.workerNodes].map((node) => node.name);
}
