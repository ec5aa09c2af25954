import * as pulumi from "@pulumi/pulumi";
import { Formation } from "../etcd/formation";
import { ScriptParameters } from "../host/contract";
import { Dependencies, mergeDependencies } from "../host/dependencies";
import { Host } from "../host/host";
import { Table, ValuesOf, number, text } from "../host/parameters";
import { Step } from "../host/phase";
import { SecretParameters } from "../host/secretParameters";
import { HostState, hostSteps } from "../host/steps";
import { fingerprint } from "../lib/certificates";
import { ClusterSettings } from "../model/cluster";
import { NodeSettings } from "../model/nodes";
import { controlPlaneParameters, kubernetesParameters } from "./desiredState";
import { EtcdAccess, NO_WAIT } from "./etcdAccess";
import { controlPlaneConfig } from "./kubeadm";
import { CLUSTER_KEYS, ClusterPki } from "./pki";

/** When a control plane node renews its certificates. */
export const CERTIFICATES = {
    CERTIFICATE_GENERATION: text(
        "A fingerprint of the administrator's certificate. When the fingerprint changes, the node renews its certificates.",
    ),
    CERTIFICATES_UNTIL: number("The next renewal of the administrator's certificate, in seconds since 1970."),
} satisfies Table;

export interface ControlPlaneNodeArgs {
    node: pulumi.Input<NodeSettings>;
    host: Host;
    /** The step that must end before this host is changed. @otherwise its own preflight */
    barrier?: pulumi.Resource;
    pki: ClusterPki;
    settings: pulumi.Input<ClusterSettings>;
    /** Passwords of registries and of the balancer on this node. */
    passwords?: SecretParameters;
    /** The etcd that is not kubeadm's. @otherwise kubeadm's stacked member on this node */
    etcd?: EtcdAccess;
    /** The record of etcd's founding members, where a member runs on this node. @otherwise its member may only join */
    formation?: Formation;
    /** Dependencies of a change of this node while it is live: the node before it. As a new node it waits for no other. */
    turnAfter?: Dependencies;
}

/**
 * A control plane node: kube-apiserver, controller-manager, scheduler and, but for an etcd elsewhere, an etcd member on one
 * host. Every one is made alike and at the same time; there is no first node.
 */
export class ControlPlaneNode extends pulumi.ComponentResource {
    /** Whether the host was a node already; known once its `prepare` has ended. */
    public readonly state: pulumi.Output<HostState>;
    /** Ends when kube-apiserver and etcd on this node are healthy, and the node is as the program says. */
    public readonly node: Step;

    constructor(name: string, args: ControlPlaneNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ControlPlaneNode", name, {}, opts);
        const { host, barrier, pki } = args;
        const etcd = args.etcd ?? stackedAccess(pki);
        const founding = args.formation?.parametersOf(host) ?? {};
        const steps = hostSteps(
            name,
            {
                host,
                desired: desiredState(args),
                secrets: args.passwords,
                barrier,
                parameters: mergeParameters([pkiParameters(pki), certificateGeneration(pki), etcd.secrets, founding]),
                joinAfter: etcd.joinAfter,
                turnAfter: mergeDependencies([etcd.turnAfter, args.turnAfter ?? []]),
            },
            { parent: this },
        );
        this.state = steps.state;
        this.node = steps.node;
        this.registerOutputs({});
    }
}

const desiredState = (args: ControlPlaneNodeArgs): pulumi.Output<ScriptParameters> =>
    pulumi.all([args.settings, args.node]).apply(([settings, node]): ScriptParameters => ({
        ...kubernetesParameters(settings, node, controlPlaneConfig),
        ...controlPlaneParameters(settings, node),
    }));

const mergeParameters = (parts: pulumi.Input<ScriptParameters>[]): pulumi.Output<ScriptParameters> =>
    pulumi.all(parts).apply((all) => all.reduce((merged, part) => ({ ...merged, ...part }), {}));

/** A fingerprint of the administrator's certificate, and its next renewal: the node renews its own certificates with it. */
const certificateGeneration = ({ admin }: ClusterPki): pulumi.Output<ValuesOf<typeof CERTIFICATES>> =>
    pulumi.all([admin.certificate, admin.renewalTime]).apply(([pem, time]) => ({
        CERTIFICATE_GENERATION: fingerprint(pem),
        CERTIFICATES_UNTIL: Math.floor(new Date(time).getTime() / 1000),
    }));

const pkiParameters = (pki: ClusterPki): pulumi.Output<ValuesOf<typeof CLUSTER_KEYS>> =>
    pulumi.all([pki.ca, pki.frontProxyCa, pki.serviceAccountKey]).apply(([ca, frontProxy, sa]) => ({
        PKI_CA_CERT: ca.certificate.trimEnd(),
        PKI_CA_KEY: ca.privateKey.trimEnd(),
        PKI_FRONT_PROXY_CA_CERT: frontProxy.certificate.trimEnd(),
        PKI_FRONT_PROXY_CA_KEY: frontProxy.privateKey.trimEnd(),
        PKI_SA_KEY: sa.trimEnd(),
    }));

// kubeadm makes the certificates of its own member, from the CA.
const stackedAccess = ({ etcdCa }: ClusterPki): EtcdAccess => ({
    secrets: pulumi.all([etcdCa.certificate, etcdCa.privateKey]).apply(([certificate, key]) => ({
        PKI_ETCD_CA_CERT: certificate.trimEnd(),
        PKI_ETCD_CA_KEY: key.trimEnd(),
    })),
    ...NO_WAIT,
});
