import * as pulumi from "@pulumi/pulumi";
import { coreDnsPatch } from "../addons/coreDns";
import { attemptAt } from "../host/attempt";
import { ScriptParameters, digest, preamble } from "../host/contract";
import {
    Dependencies,
    firstSucceeded,
    indexOfFirstSucceeded,
    mergeDependencies,
    whenSettled,
} from "../host/dependencies";
import { membershipParameters } from "../etcd/memberParameters";
import { Host } from "../host/host";
import { PhaseArgs, Step, runPhase } from "../host/phase";
import { ClusterSettings } from "../model/cluster";
import { CniPlugin } from "../model/cni";
import { onControlPlane } from "../model/etcd";
import { KubeProxyMode } from "../model/network";
import { NodeSettings } from "../model/nodes";
import { ControlPlaneNode } from "./controlPlaneNode";
import { uploadConfig } from "./kubeadm";
import { nodeObjects } from "./nodeObjects";
import { reportOf } from "./nodeReport";
import { ClusterPki } from "./pki";
import { BootstrapTokens, bootstrapTokens } from "./tokens";
import { WorkerNode } from "./workerNode";

export interface ClusterConfigurationArgs {
    settings: ClusterSettings;
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
    private readonly tokens: pulumi.Output<BootstrapTokens>;
    private readonly attempt: pulumi.Output<string>;
    private readonly args: ClusterConfigurationArgs;

    constructor(name: string, args: ClusterConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterConfiguration", name, {}, opts);
        this.args = args;
        this.tokens = args.pki.serviceAccountKey.apply((key) => bootstrapTokens(key, args.settings.workerNodes));
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
        return this.tokens.apply((tokens) => `${tokens[node].id}.${tokens[node].secret}`);
    }

    /** Ends when every node is Ready (with a CNI of ours) and the join credentials are used up. */
    public finish(name: string, nodes: (ControlPlaneNode | WorkerNode)[], network: Dependencies): Step {
        const { hosts, settings } = this.args;
        // All nodes exist by now. It runs on the last control plane node: the first one ran `apply`, and this spreads the
        // SSH connections.
        const last = hosts.length - 1;
        const ids = nodes.map(({ node }) => reportOf(node).id);
        const applied = whenSettled(this.applied, { ok: this.applied.stdout, failed: "" });
        const known = pulumi.all([this.tokens, this.attempt, applied, pulumi.all(ids)]);
        const parameters = known.apply(([tokens, attempt, run, nodeIds]) => ({
            NODES: this.nodeNames().join(" "),
            NODE_OBJECTS: this.nodeObjects(tokens),
            WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
            ATTEMPT: attempt,
            // A Node that was made anew has no labels and taints of ours.
            NODE_IDS: digest({ ids: nodeIds.join(" ") }),
            ...this.membership(settings.controlPlaneNodes[last]),
            // Whenever the configuration is applied it may write tokens, which are dropped here.
            APPLIED: run,
        }));
        return hosts[last].run(
            name,
            { phase: "finish", parameters: pulumi.secret(parameters) },
            { parent: this, dependsOn: mergeDependencies([nodes.map(({ node }) => node), network]) },
        );
    }

    private parameters(leader: pulumi.Output<number>): PhaseArgs["parameters"] {
        const { controlPlaneNodes } = this.args.settings;
        return pulumi.secret(
            pulumi.all([this.tokens, leader, this.attempt]).apply(([tokens, i, attempt]) => ({
                ...this.configuration(controlPlaneNodes[i]),
                JOIN_TOKENS: tokenLines(tokens),
                ATTEMPT: attempt,
            })),
        );
    }

    private configuration(leader: NodeSettings): ScriptParameters {
        const { settings } = this.args;
        return {
            KUBEADM_UPLOAD: uploadConfig(settings, leader),
            NODES: this.nodeNames().join(" "),
            CONTROL_PLANE_VERSION: settings.kubernetesVersion,
            COREDNS_PATCH: coreDnsPatch(settings.coreDns),
            KUBE_PROXY_ENABLED: settings.network.kubeProxy !== KubeProxyMode.None,
            ...this.membership(leader),
        };
    }

    /** The etcd members that are declared: these steps remove others, so they do not go by what is staged on the host. */
    private membership(node: NodeSettings): ScriptParameters {
        const { etcd } = this.args.settings;
        return onControlPlane(etcd) ? membershipParameters(etcd, node) : {};
    }

    /** What `apply` and `finish` bring about. A token is told by its id, which is no secret. */
    private change(): pulumi.Output<string> {
        const [leader] = this.args.settings.controlPlaneNodes;
        const text = this.tokens.apply((tokens) =>
            preamble({ ...this.configuration(leader), NODE_OBJECTS: this.nodeObjects(tokens) }),
        );
        return pulumi.unsecret(text);
    }

    private nodeObjects(tokens: BootstrapTokens): string {
        const { controlPlaneNodes, workerNodes } = this.args.settings;
        return nodeObjects([...controlPlaneNodes, ...workerNodes], tokens);
    }

    private nodeNames(): string[] {
        const { controlPlaneNodes, workerNodes } = this.args.settings;
        return [...controlPlaneNodes, ...workerNodes].map((node) => node.name);
    }
}

const tokenLines = (tokens: BootstrapTokens): string =>
    Object.entries(tokens)
        .map(([node, { id, secret }]) => `${node} ${id} ${secret}`)
        .join("\n");
