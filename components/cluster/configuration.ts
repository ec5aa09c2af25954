import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { coreDnsPatch } from "../addons/coreDns";
import { ScriptParameters, digest } from "../host/contract";
import { Steps, firstMade, oneMade, union } from "../host/dependencies";
import { Machine } from "../host/host";
import { PhaseArgs, runPhase } from "../host/phase";
import { ClusterSettings } from "../model/cluster";
import { CniPlugin } from "../model/cni";
import { NodeArgs } from "../model/hosts";
import { KubeProxyMode } from "../model/network";
import { ControlPlaneNode } from "./controlPlaneNode";
import { uploadConfig } from "./kubeadm";
import { nodeObjects } from "./nodeObjects";
import { ClusterPki } from "./pki";
import { BootstrapTokens, bootstrapTokens } from "./tokens";
import { WorkerNode } from "./workerNode";

export interface ClusterConfigurationArgs {
    settings: ClusterSettings;
    pki: ClusterPki;
    workerNodes: NodeArgs[];
    /** The control plane's machines. The first that came up applies the configuration, the last settles. */
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
    /** The worker nodes' join credentials. */
    public readonly tokens: pulumi.Output<BootstrapTokens>;
    private readonly args: ClusterConfigurationArgs;

    constructor(name: string, args: ClusterConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterConfiguration", name, {}, opts);
        this.args = args;
        this.tokens = args.pki.serviceAccountKey.apply((key) => bootstrapTokens(key, args.workerNodes));
        const bootstraps = args.controlPlane.map((node) => node.bootstrap);
        const leader = firstMade(bootstraps);
        const logins = args.machines.map((machine) => machine.login);
        const work = {
            connection: leader.apply((i) => pulumi.output(logins[i].connection)),
            user: leader.apply((i) => logins[i].user),
            phase: "cluster",
            parameters: this.parameters(leader),
        };
        const dependsOn = union([oneMade(bootstraps), args.after]);
        this.applied = runPhase(`${name}-apply`, work, { parent: this, dependsOn });
        this.registerOutputs({});
    }

    /** Ends when every node is Ready (with a CNI of ours) and the join credentials are used up. */
    public settle(name: string, nodes: (ControlPlaneNode | WorkerNode)[], network: Steps): remote.Command {
        const { machines, settings } = this.args;
        // All are there by then. The last one does it, so that no host has more than its share of connections.
        const last = machines.length - 1;
        const parameters = this.tokens.apply((tokens) => ({
            NODE_NAME: settings.controlPlaneNodes[last].name,
            NODES: this.nodeNames().join(" "),
            NODE_OBJECTS: nodeObjects([...settings.controlPlaneNodes, ...this.args.workerNodes], tokens),
            WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
            // Whenever the configuration is applied it may write tokens, which are dropped here.
            CONFIGURATION: digest(this.configuration(tokens, settings.controlPlaneNodes[0])),
        }));
        return machines[last].run(name, "settle", pulumi.secret(parameters), {
            parent: this,
            dependsOn: union([nodes.map((node) => node.rollout), network]),
        });
    }

    private parameters(leader: pulumi.Output<number>): PhaseArgs["parameters"] {
        const { settings, pki } = this.args;
        return pulumi.secret(
            pulumi.all([this.tokens, pki.id, leader]).apply(([tokens, id, i]) => ({
                NODE_NAME: settings.controlPlaneNodes[i].name,
                CLUSTER_ID: id,
                ...this.configuration(tokens, settings.controlPlaneNodes[i]),
            })),
        );
    }

    private configuration(tokens: BootstrapTokens, leader: NodeArgs): ScriptParameters {
        const { settings } = this.args;
        return {
            KUBEADM_UPLOAD: uploadConfig(settings, leader),
            JOIN_TOKENS: tokenLines(tokens),
            NODES: this.nodeNames().join(" "),
            CONTROL_PLANE_VERSION: settings.kubernetesVersion,
            COREDNS_PATCH: coreDnsPatch(settings.coreDns),
            KUBE_PROXY: settings.network.kubeProxy !== KubeProxyMode.None,
        };
    }

    private nodeNames = (): string[] =>
        [...this.args.settings.controlPlaneNodes, ...this.args.workerNodes].map((node) => node.name);
}

const tokenLines = (tokens: BootstrapTokens): string =>
    Object.entries(tokens)
        .map(([node, { id, secret }]) => `${node} ${id} ${secret}`)
        .join("\n");
