import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { ClusterPki } from "./clusterPki";
import { bootstrapToken } from "./config/bootstrapToken";
import { coreDnsPatch } from "./config/coreDns";
import { uploadConfig } from "./config/kubeadm";
import { nodeObjects } from "./config/nodeObjects";
import { ControlPlaneNode } from "./controlPlaneNode";
import { firstMade, Steps, union } from "./isolation";
import { Machine } from "./machine";
import { PhaseArgs, runPhase } from "./remote/phase";
import { ClusterSettings } from "./settings";
import { CniPlugin, KubeProxyMode, NodeArgs } from "./types";
import { WorkerNode } from "./workerNode";

export interface ClusterConfigurationArgs {
    settings: ClusterSettings;
    pki: ClusterPki;
    workerNodes: NodeArgs[];
    /** The control plane's machines. One of them does this work: the first that came up. */
    machines: Machine[];
    controlPlane: ControlPlaneNode[];
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
    /** Who does this work, as an index. */
    private readonly leader: pulumi.Output<number>;

    constructor(name: string, args: ClusterConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterConfiguration", name, {}, opts);
        this.args = args;
        this.leader = firstMade(args.controlPlane.map((node) => node.bootstrap));
        this.applied = this.run(`${name}-apply`, "cluster", this.parameters(), args.after);
        this.registerOutputs({});
    }

    /** Ends when every node is Ready (with a CNI of ours) and the join credentials are used up. */
    public settle(name: string, nodes: (ControlPlaneNode | WorkerNode)[], network: Steps): remote.Command {
        const { settings } = this.args;
        const parameters = pulumi.all([this.tokens(), this.leader]).apply(([tokens, leader]) => ({
            NODE_NAME: settings.controlPlaneNodes[leader].name,
            NODES: this.nodeNames().join(" "),
            NODE_OBJECTS: nodeObjects([...settings.controlPlaneNodes, ...this.args.workerNodes]),
            TOKEN_IDS: tokens.map(({ node, id }) => `${node} ${id}`).join("\n"),
            WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
        }));
        return this.run(name, "settle", parameters, union([nodes.map((node) => node.rollout), network]));
    }

    private run(name: string, phase: string, parameters: PhaseArgs["parameters"], after: Steps): remote.Command {
        const logins = this.args.machines.map((machine) => machine.login);
        const connection = this.leader.apply((leader) => pulumi.output(logins[leader].connection));
        const user = this.leader.apply((leader) => logins[leader].user);
        const args = { connection, user, phase, parameters: pulumi.secret(parameters) };
        return runPhase(name, args, { parent: this, dependsOn: after });
    }

    private parameters(): PhaseArgs["parameters"] {
        const { settings, pki } = this.args;
        return pulumi.all([this.tokens(), pki.id, this.leader]).apply(([tokens, id, leader]) => ({
            NODE_NAME: settings.controlPlaneNodes[leader].name,
            CLUSTER_ID: id,
            KUBEADM_UPLOAD: uploadConfig(settings, settings.controlPlaneNodes[leader], tokens),
            NODES: this.nodeNames().join(" "),
            COREDNS_PATCH: coreDnsPatch(settings.coreDns),
            KUBE_PROXY: settings.network.kubeProxy !== KubeProxyMode.None,
        }));
    }

    private tokens() {
        const { pki, workerNodes } = this.args;
        return pki.serviceAccountKey.apply((key) => workerNodes.map((node) => bootstrapToken(key, node)));
    }

    private nodeNames = (): string[] =>
        [...this.args.settings.controlPlaneNodes, ...this.args.workerNodes].map((node) => node.name);
}
