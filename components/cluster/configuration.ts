import * as pulumi from "@pulumi/pulumi";
import { coreDnsPatch } from "../addons/coreDns";
import { attemptAt } from "../host/attempt";
import { ScriptParameters, digest, preamble } from "../host/contract";
import {
    Dependencies,
    firstSucceeded,
    indexOfFirstSucceeded,
    mergeDependencies,
    unlessFailed,
    whenSettled,
} from "../host/dependencies";
import { membershipParameters } from "../etcd/memberParameters";
import { Host } from "../host/host";
import { PhaseArgs, Step, runPhase } from "../host/phase";
import { allProduced, untracked } from "../lib/outputs";
import { ClusterSettings } from "../model/cluster";
import { ClusterPlan } from "../model/clusterPlan";
import { CniPlugin } from "../model/cni";
import { onControlPlane } from "../model/etcd";
import { KubeProxyMode } from "../model/network";
import { NodeSettings } from "../model/nodes";
import { ControlPlaneNode } from "./controlPlaneNode";
import { uploadConfig } from "./kubeadm";
import { nodeObjects } from "./nodeObjects";
import { reportOf } from "./nodeReport";
import { ClusterPki } from "./pki";
import { BootstrapToken, BootstrapTokens, bootstrapToken } from "./tokens";
import { WorkerNode } from "./workerNode";

export interface ClusterConfigurationArgs {
    plan: ClusterPlan;
    pki: ClusterPki;
    /** The control plane's hosts. The first that came up applies the configuration, the last finishes. */
    hosts: Host[];
    controlPlane: ControlPlaneNode[];
    /** The steps of the control plane and of its own balancer. */
    after: Dependencies;
}

/**
 * The parts of the cluster that belong to no node: kubeadm's uploaded configuration, the workers' join credentials, CoreDNS,
 * kube-proxy, and the list of nodes. A node that leaves the list is drained and removed by a control plane node that
 * stays, so a machine that is powered off can be removed as well.
 */
export class ClusterConfiguration extends pulumi.ComponentResource {
    /** Ends when workers can join and add-ons can be applied. */
    public readonly applied: Step;
    /** The worker nodes' join credentials. */
    private readonly tokenByNode: Record<string, pulumi.Output<BootstrapToken>>;
    /** The same, of all workers whose machines there are: they depend on no machine. */
    private readonly tokens: pulumi.Output<BootstrapTokens>;
    private readonly attempt: pulumi.Output<string>;
    private readonly args: ClusterConfigurationArgs;

    constructor(name: string, args: ClusterConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterConfiguration", name, {}, opts);
        this.args = args;
        this.tokenByNode = Object.fromEntries(
            args.plan.workerNodes.map(({ shape, settings }) => [
                shape.name,
                pulumi.all([args.pki.serviceAccountKey, settings]).apply(([key, node]) => bootstrapToken(key, node)),
            ]),
        );
        this.tokens = untracked(allProduced(this.tokenByNode));
        this.attempt = attemptAt(`${name}-attempt`, this.change(), { parent: this });
        const nodes = args.controlPlane.map(({ node }) => node);
        const leader = indexOfFirstSucceeded(nodes);
        const logins = args.hosts.map((host) => host.login);
        const work = {
            connection: leader.apply((i) => pulumi.output(logins[i].connection)),
            user: leader.apply((i) => logins[i].user),
            phase: "cluster",
            head: leader.apply((i) => args.hosts[i].identity),
            parameters: this.parameters(leader),
        };
        const dependsOn = mergeDependencies([firstSucceeded(nodes), args.after]);
        this.applied = runPhase(`${name}-apply`, work, { parent: this, dependsOn });
        this.registerOutputs({});
    }

    /** The bootstrap token of one worker node, `<id>.<secret>`. */
    public tokenOf(node: string): pulumi.Output<string> {
        return this.tokenByNode[node].apply(({ id, secret }) => `${id}.${secret}`);
    }

    /** Ends when every node is Ready (with a CNI of ours) and the join credentials are used up. */
    public finish(name: string, nodes: (ControlPlaneNode | WorkerNode)[], network: Dependencies): Step {
        const { hosts, plan } = this.args;
        // All nodes exist by now. It runs on the last control plane node: the first one ran `apply`, and this spreads the
        // SSH connections.
        const last = hosts.length - 1;
        const ids = pulumi.all(nodes.map(({ node }) => reportOf(node).id));
        const applied = whenSettled(this.applied, { ok: this.applied.stdout, failed: "" });
        const parameters = pulumi
            .all([plan.settings, this.tokens, this.attempt, applied, ids])
            .apply(([settings, tokens, attempt, run, nodeIds]) => ({
                NODES: this.nodeNames().join(" "),
                NODE_OBJECTS: this.nodeObjects(tokens),
                WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
                ATTEMPT: attempt,
                // A Node that was made anew has no labels and taints of ours.
                NODE_IDS: digest({ ids: nodeIds.join(" ") }),
                ...membership(settings, settings.controlPlaneNodes[last]),
                // Whenever the configuration is applied it may write tokens, which are dropped here.
                APPLIED: run,
            }));
        const dependsOn = mergeDependencies([unlessFailed(nodes.map(({ node }) => node)), network]);
        return hosts[last].run(
            name,
            { phase: "finish", parameters: pulumi.secret(parameters) },
            { parent: this, dependsOn },
        );
    }

    private parameters(leader: pulumi.Output<number>): PhaseArgs["parameters"] {
        return pulumi.secret(
            pulumi
                .all([this.args.plan.settings, this.tokens, leader, this.attempt])
                .apply(([settings, tokens, i, attempt]) => ({
                    ...this.configuration(settings, settings.controlPlaneNodes[i]),
                    JOIN_TOKENS: tokenLines(tokens),
                    ATTEMPT: attempt,
                })),
        );
    }

    private configuration(settings: ClusterSettings, leader: NodeSettings): ScriptParameters {
        return {
            KUBEADM_UPLOAD: uploadConfig(settings, leader),
            NODES: this.nodeNames().join(" "),
            CONTROL_PLANE_VERSION: settings.kubernetesVersion,
            COREDNS_PATCH: coreDnsPatch(settings.coreDns),
            KUBE_PROXY_ENABLED: settings.network.kubeProxy !== KubeProxyMode.None,
            ...membership(settings, leader),
        };
    }

    /** What `apply` and `finish` bring about. A token is told by its id, which is no secret. */
    private change(): pulumi.Output<string> {
        return pulumi.all([this.args.plan.settings, pulumi.unsecret(this.tokens)]).apply(([settings, tokens]) =>
            preamble({
                ...this.configuration(settings, settings.controlPlaneNodes[0]),
                NODE_OBJECTS: this.nodeObjects(tokens),
            }),
        );
    }

    private nodeObjects(tokens: BootstrapTokens): string {
        const { controlPlaneNodes, workerNodes } = this.args.plan.shape;
        return nodeObjects([...controlPlaneNodes, ...workerNodes], tokens);
    }

    private nodeNames(): string[] {
        const { controlPlaneNodes, workerNodes } = this.args.plan.shape;
        return [...controlPlaneNodes, ...workerNodes].map((node) => node.name);
    }
}

/** The etcd members that are declared: these steps remove others, so they do not go by what is staged on the host. */
const membership = ({ etcd }: ClusterSettings, node: NodeSettings): ScriptParameters =>
    onControlPlane(etcd) ? membershipParameters(etcd, node) : {};

const tokenLines = (tokens: BootstrapTokens): string =>
    Object.entries(tokens)
        .map(([node, { id, secret }]) => `${node} ${id} ${secret}`)
        .join("\n");
