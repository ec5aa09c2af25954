import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { kubeconfig } from "./config/kubeconfig";
import { workerConfig } from "./config/kubeadm";
import { kubernetesParameters } from "./desiredState";
import { allPassed, Machine } from "./machine";
import { rolloutParameters } from "./remote/parameters";
import { PhaseArgs } from "./remote/phase";
import { ClusterSettings, endpointText } from "./settings";
import { NodeArgs } from "./types";

export interface WorkerNodeArgs {
    node: NodeArgs;
    machine: Machine;
    /** Machines whose preflight must have passed before this one is changed. @default this machine */
    barrier?: Machine[];
    /** Tells the cluster; see `ClusterPki.id`. */
    clusterId: pulumi.Input<string>;
    /** PEM */
    caCertificate: pulumi.Input<string>;
    /** A bootstrap token that works while this node joins, `<id>.<secret>` (`kubeadm token create` makes one). */
    bootstrapToken: pulumi.Input<string>;
    settings: ClusterSettings;
    /** What its join waits for. */
    joinAfter?: pulumi.Resource[];
    /** What a change of this node, when it is live, waits for. */
    rolloutAfter?: pulumi.Resource[];
}

/** A worker node: containerd and a kubelet that joined through the endpoint. */
export class WorkerNode extends pulumi.ComponentResource {
    /** Ends when the kubelet has joined. */
    public readonly bootstrap: remote.Command;
    /** Ends when the Node is Ready and as the program says. */
    public readonly rollout: remote.Command;

    constructor(name: string, args: WorkerNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:WorkerNode", name, {}, opts);
        const { node, machine, settings } = args;
        const desired = pulumi.output(args.clusterId).apply((id) => ({
            ...kubernetesParameters(settings, node, workerConfig(settings, node)),
            ROLE: "worker",
            CLUSTER_ID: id,
        }));

        // Its packages need no control plane, so they are on the host before there is one.
        const prepare = machine.run(`${name}-prepare`, "prepare", allPassed(args.barrier ?? [machine], desired), {
            parent: this,
        });
        this.bootstrap = machine.run(`${name}-bootstrap`, "bootstrap", joinParameters(args), {
            parent: this,
            dependsOn: [prepare, ...(args.joinAfter ?? [])],
        });
        this.rollout = machine.run(
            `${name}-rollout`,
            "rollout",
            desired.apply((d) => rolloutParameters(node.name, d)),
            { parent: this, dependsOn: [this.bootstrap, ...(args.rolloutAfter ?? [])] },
        );
        this.registerOutputs({});
    }
}

// The credentials come as a kubeconfig: kubeadm then needs no anonymous look at cluster-info to find the CA.
const joinParameters = (args: WorkerNodeArgs): PhaseArgs["parameters"] =>
    pulumi.secret(
        pulumi.all([args.caCertificate, args.bootstrapToken]).apply(([caCertificate, token]) => ({
            NODE_NAME: args.node.name,
            BOOTSTRAP_KUBECONFIG: kubeconfig({
                clusterName: args.settings.clusterName,
                endpoint: endpointText(args.settings.endpoint),
                caCertificate,
                userName: "bootstrap",
                credentials: { token },
            }),
        })),
    );
