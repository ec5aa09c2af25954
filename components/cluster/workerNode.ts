import * as pulumi from "@pulumi/pulumi";
import { Dependencies, NO_DEPENDENCIES } from "../host/dependencies";
import { Host } from "../host/host";
import { Table, ValuesOf, text } from "../host/parameters";
import { Step } from "../host/phase";
import { SecretParameters } from "../host/secretParameters";
import { HostState, hostSteps } from "../host/steps";
import { ClusterSettings } from "../model/cluster";
import { NodeSettings } from "../model/nodes";
import { kubernetesParameters, workerParameters } from "./desiredState";
import { workerConfig } from "./kubeadm";
import { CLUSTER_KEYS } from "./pki";

/** The parameters of a join. With the CA, kubeadm does not read cluster-info without credentials. */
export const JOIN = {
    PKI_CA_CERT: CLUSTER_KEYS.PKI_CA_CERT,
    BOOTSTRAP_TOKEN: text("The token with which the worker joins, `id.secret`; secret."),
} satisfies Table;

export interface WorkerNodeArgs {
    node: pulumi.Input<NodeSettings>;
    host: Host;
    /** The step that must end before this host is changed. @otherwise its own preflight */
    barrier?: pulumi.Resource;
    /** PEM */
    caCertificate: pulumi.Input<string>;
    /** A bootstrap token that works while this node joins, `<id>.<secret>` (`kubeadm token create` makes one). */
    bootstrapToken: pulumi.Input<string>;
    settings: pulumi.Input<ClusterSettings>;
    /** Passwords of registries. */
    passwords?: SecretParameters;
    /** Dependencies of the join. */
    joinAfter?: pulumi.Resource[];
    /** Dependencies of a change of this node while it is live. */
    turnAfter?: Dependencies;
}

/** A worker node: containerd and a kubelet that joined through the endpoint. */
export class WorkerNode extends pulumi.ComponentResource {
    /** Whether the host was a node already; known once its `prepare` has ended. */
    public readonly state: pulumi.Output<HostState>;
    /** Ends when the kubelet has joined, and a live node is Ready and as the program says. */
    public readonly node: Step;

    constructor(name: string, args: WorkerNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:WorkerNode", name, {}, opts);
        const desired = pulumi.all([args.settings, args.node]).apply(([settings, node]) => ({
            ...kubernetesParameters(settings, node, workerConfig),
            ...workerParameters(settings, node),
        }));
        const steps = hostSteps(
            name,
            {
                host: args.host,
                desired,
                secrets: args.passwords,
                barrier: args.barrier,
                parameters: joinParameters(args),
                joinAfter: pulumi.output(args.joinAfter ?? []),
                turnAfter: args.turnAfter ?? NO_DEPENDENCIES,
            },
            { parent: this },
        );
        this.state = steps.state;
        this.node = steps.node;
        this.registerOutputs({});
    }
}

const joinParameters = (args: WorkerNodeArgs): pulumi.Output<ValuesOf<typeof JOIN>> =>
    pulumi.all([args.caCertificate, args.bootstrapToken]).apply(([caCertificate, token]) => ({
        PKI_CA_CERT: caCertificate.trimEnd(),
        BOOTSTRAP_TOKEN: token,
    }));
