import * as pulumi from "@pulumi/pulumi";
import { calicoPools } from "../addons/calico";
import { CORE_DNS, coreDnsParameters } from "../addons/coreDns";
import { CNI_PODS } from "../addons/install";
import { CHANGE_ATTEMPT, attemptAt } from "../host/attempt";
import { digest, preamble } from "../host/contract";
import {
    Dependencies,
    firstSucceeded,
    indexOfFirstSucceeded,
    mergeDependencies,
    unlessFailed,
    whenSettled,
} from "../host/dependencies";
import { MEMBERSHIP, membershipParameters } from "../etcd/memberParameters";
import { Host } from "../host/host";
import { Table, ValuesOf, flag, list, text, trigger } from "../host/parameters";
import { PhaseArgs, Step, outputOf, runPhase } from "../host/phase";
import { allProduced, untracked } from "../lib/outputs";
import { ClusterSettings } from "../model/cluster";
import { ClusterPlan } from "../model/clusterPlan";
import { CniPlugin } from "../model/cni";
import { onControlPlane } from "../model/etcd";
import { KubeProxyMode } from "../model/network";
import { NodeSettings, NodeShape } from "../model/nodes";
import { ControlPlaneNode } from "./controlPlaneNode";
import { NODE } from "./desiredState";
import { uploadConfig } from "./kubeadm";
import { controlPlaneObjects, nodeObjects } from "./nodeObjects";
import { reportOf, runOf } from "./nodeReport";
import { ClusterPki } from "./pki";
import { BootstrapToken, BootstrapTokens, bootstrapToken, tokenRows } from "./tokens";
import { WorkerNode } from "./workerNode";

const NODES = { NODES: list("The names of all declared nodes.") } satisfies Table;

/** The parameters of the phase `cluster`. Where etcd runs on the control plane, it is also sent MEMBERSHIP. */
export const CONFIGURATION = {
    ...NODES,
    ...CHANGE_ATTEMPT,
    ...CORE_DNS,
    KUBEADM_UPLOAD: text("kubeadm's configuration for the cluster, which the phase uploads."),
    CONTROL_PLANE_VERSION: text("The version of Kubernetes that every control plane node must run."),
    KUBE_PROXY_ENABLED: flag("Whether kube-proxy runs."),
    JOIN_TOKENS: list("The bootstrap token of every worker, secret: `node id secret`."),
} satisfies Table;

/** The parameters of the phase `finish`. Where etcd runs on the control plane, it is also sent MEMBERSHIP. */
export const FINISH = {
    ...NODES,
    ...CHANGE_ATTEMPT,
    NODE_OBJECTS: text("The Nodes with their labels and annotations, a List in JSON."),
    CONTROL_PLANE_OBJECTS: text("The control plane nodes with their label for load balancers, a List in JSON."),
    WAIT_FOR_READY: NODE.WAIT_FOR_READY,
    CALICO_POOLS: list("Calico's pools of addresses and how they encapsulate packets: `name ipipMode vxlanMode`.", []),
    CNI_PODS: text("The namespace and the label of the pods that the CNI plugin runs on every node."),
    VERIFY: flag("Whether to verify that pods reach each other and CoreDNS."),
    NODES_CHANGED: trigger("A digest of the Nodes' ids and of when their steps ended: this step runs after each."),
    APPLIED: trigger("The output of the phase `cluster`, which may write tokens: this step runs after it."),
} satisfies Table;

type Configuration = ValuesOf<typeof CONFIGURATION> & Partial<ValuesOf<typeof MEMBERSHIP>>;

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
        const work = {
            connection: leader.apply((i) => pulumi.output(args.hosts[i].login.connection)),
            user: leader.apply((i) => pulumi.output(args.hosts[i].login.user)),
            sudoPassword: leader.apply((i) => pulumi.output(args.hosts[i].login.sudoPassword)),
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

    /** Ends when every node is Ready, the cluster is verified (both with a CNI of ours), and the join credentials are used up. */
    public finish(name: string, nodes: (ControlPlaneNode | WorkerNode)[], network: Dependencies): Step {
        const { hosts, plan } = this.args;
        // The first control plane node ran `apply`: on the last one this spreads the SSH connections.
        const last = hosts.length - 1;
        const changed = pulumi.all(nodes.map(({ node }) => reportOf(node).apply(runOf)));
        const applied = whenSettled(this.applied, { ok: outputOf(this.applied), failed: "" });
        const parameters = pulumi
            .all([plan.settings, this.tokens, this.attempt, applied, changed])
            .apply(
                ([settings, tokens, attempt, run, reports]): ValuesOf<typeof FINISH> &
                    Partial<ValuesOf<typeof MEMBERSHIP>> => ({
                    NODES: namesOf(this.nodes()),
                    NODE_OBJECTS: nodeObjects(this.nodes(), tokens),
                    CONTROL_PLANE_OBJECTS: controlPlaneObjects(plan.shape.controlPlaneNodes),
                    WAIT_FOR_READY: settings.cni.plugin !== CniPlugin.None,
                    CALICO_POOLS: calicoPools(settings),
                    ATTEMPT: attempt,
                    CNI_PODS: CNI_PODS[settings.cni.plugin],
                    VERIFY: settings.verify && settings.cni.plugin !== CniPlugin.None,
                    NODES_CHANGED: digest({ reports }),
                    ...membership(settings, settings.controlPlaneNodes[last]),
                    APPLIED: run,
                }),
            );
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
                .apply(([settings, tokens, i, attempt]): Configuration => ({
                    ...this.configuration(settings, settings.controlPlaneNodes[i]),
                    JOIN_TOKENS: tokenRows(tokens),
                    ATTEMPT: attempt,
                })),
        );
    }

    private configuration(
        settings: ClusterSettings,
        leader: NodeSettings,
    ): Omit<Configuration, "JOIN_TOKENS" | "ATTEMPT"> {
        return {
            KUBEADM_UPLOAD: uploadConfig(settings, leader),
            NODES: namesOf(this.nodes()),
            CONTROL_PLANE_VERSION: settings.kubernetesVersion,
            ...coreDnsParameters(settings.coreDns, settings.network.dnsDomain),
            KUBE_PROXY_ENABLED: settings.network.kubeProxy !== KubeProxyMode.None,
            ...membership(settings, leader),
        };
    }

    /** What `apply` and `finish` bring about. A token is told by its id, which is no secret. */
    private change(): pulumi.Output<string> {
        return pulumi.all([this.args.plan.settings, pulumi.unsecret(this.tokens)]).apply(([settings, tokens]) =>
            preamble({
                ...this.configuration(settings, settings.controlPlaneNodes[0]),
                NODE_OBJECTS: nodeObjects(this.nodes(), tokens),
                CALICO_POOLS: calicoPools(settings),
            }),
        );
    }

    private nodes(): NodeShape[] {
        const { controlPlaneNodes, workerNodes } = this.args.plan.shape;
        return [...controlPlaneNodes, ...workerNodes];
    }
}

/** The etcd members that are declared: these steps remove others, so they do not go by what is staged on the host. */
const membership = ({ etcd }: ClusterSettings, node: NodeSettings): Partial<ValuesOf<typeof MEMBERSHIP>> =>
    onControlPlane(etcd) ? membershipParameters(etcd, node) : {};

const namesOf = (nodes: NodeShape[]): string[] => nodes.map(({ name }) => name);
