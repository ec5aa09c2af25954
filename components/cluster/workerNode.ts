import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { rolloutParameters } from "../host/contract";
import { union } from "../host/dependencies";
import { Machine } from "../host/host";
import { PhaseArgs } from "../host/phase";
import { stagedParameters } from "../host/runtime";
import { ClusterSettings } from "../model/cluster";
import { NodeArgs } from "../model/hosts";
import { kubernetesParameters, workerParameters } from "./desiredState";
import { workerConfig } from "./kubeadm";

export interface WorkerNodeArgs {
    node: NodeArgs;
    machine: Machine;
    /** What must have ended before this machine is changed. @default its own preflight */
    barrier?: pulumi.Resource;
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
    rolloutAfter?: pulumi.Input<pulumi.Resource[]>;
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
        const desired = stagedParameters(settings, args.clusterId, {
            ...kubernetesParameters(settings, node, workerConfig(settings, node)),
            ...workerParameters(settings, node),
            ROLE: "worker",
        });

        // Its packages need no control plane, so they are on the host before there is one.
        const prepare = machine.prepare(`${name}-prepare`, desired, {
            parent: this,
            dependsOn: machine.passed(args.barrier),
        });
        this.bootstrap = machine.run(`${name}-bootstrap`, "bootstrap", joinParameters(args), {
            parent: this,
            dependsOn: [prepare, ...(args.joinAfter ?? [])],
        });
        this.rollout = machine.run(
            `${name}-rollout`,
            "rollout",
            desired.apply((d) => rolloutParameters(node.name, d)),
            {
                parent: this,
                dependsOn: union([[this.bootstrap], args.rolloutAfter ?? []]),
            },
        );
        this.registerOutputs({});
    }
}

// With the CA at hand, kubeadm needs no anonymous look at cluster-info to find it.
const joinParameters = (args: WorkerNodeArgs): PhaseArgs["parameters"] =>
    pulumi.secret(
        pulumi.all([args.caCertificate, args.bootstrapToken]).apply(([caCertificate, token]) => ({
            NODE_NAME: args.node.name,
            PKI_CA_CERT: caCertificate.trimEnd(),
            BOOTSTRAP_TOKEN: token,
        })),
    );
