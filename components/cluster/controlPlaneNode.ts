import * as pulumi from "@pulumi/pulumi";
import { Formation } from "../etcd/formation";
import { ScriptParameters } from "../host/contract";
import { mergeDependencies } from "../host/dependencies";
import { Host } from "../host/host";
import { Step } from "../host/phase";
import { stagedParameters } from "../host/runtime";
import { hostSteps } from "../host/steps";
import { fingerprint } from "../lib/certificates";
import { balancerSecrets } from "../load-balancer/parts";
import { ClusterSettings } from "../model/cluster";
import { NodeSettings } from "../model/nodes";
import { ClusterSecrets } from "../model/secrets";
import { controlPlaneParameters, kubernetesParameters } from "./desiredState";
import { EtcdAccess, NO_WAIT } from "./etcdAccess";
import { controlPlaneConfig } from "./kubeadm";
import { ClusterPki } from "./pki";

export interface ControlPlaneNodeArgs {
    node: NodeSettings;
    host: Host;
    /** The step that must end before this host is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    pki: ClusterPki;
    settings: ClusterSettings;
    /** Passwords of registries and of the balancer on this node. */
    secrets: Pick<ClusterSecrets, "registryPasswords" | "balancerPasswords">;
    /** The etcd that is not kubeadm's. @default kubeadm's stacked member on this node */
    etcd?: EtcdAccess;
    /** The record of etcd's founding members, where a member runs on this node. @default its member may only join */
    formation?: Formation;
    /** Dependencies of this node's rollout: the rollout before it. Its bootstrap waits for no other node. */
    rolloutAfter?: pulumi.Input<pulumi.Resource[]>;
}

/**
 * A control plane node: kube-apiserver, controller-manager, scheduler and, but for an etcd elsewhere, an etcd member on one
 * host. Every one is made alike and at the same time; there is no first node.
 */
export class ControlPlaneNode extends pulumi.ComponentResource {
    /** Ends when kube-apiserver and etcd on this node are healthy. */
    public readonly bootstrap: Step;
    /** Ends when the node is as the program says. */
    public readonly rollout: Step;

    constructor(name: string, args: ControlPlaneNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ControlPlaneNode", name, {}, opts);
        const { host, barrier, pki } = args;
        const { secrets, startAfter, rolloutAfter } = args.etcd ?? stackedAccess(pki);
        const founding = args.formation?.parametersOf(host) ?? {};
        // A renewed certificate of etcd's comes with the rollout; those that kubeadm made are renewed on the node.
        const renewed = args.etcd?.secrets ?? {};
        const generation = certificateGeneration(pki);
        const steps = hostSteps(
            name,
            {
                host,
                desired: desiredState(args),
                barrier,
                bootstrap: {
                    parameters: mergeParameters([pkiParameters(args.node.name, pki), generation, secrets, founding]),
                    after: startAfter,
                },
                rollout: {
                    parameters: mergeParameters([generation, renewed]),
                    after: mergeDependencies([rolloutAfter, args.rolloutAfter ?? []]),
                },
            },
            { parent: this },
        );
        this.bootstrap = steps.bootstrap;
        this.rollout = steps.rollout;
        this.registerOutputs({});
    }
}

function desiredState({ node, settings, secrets, pki }: ControlPlaneNodeArgs): pulumi.Output<ScriptParameters> {
    const { registryPasswords, balancerPasswords } = secrets;
    const parameters = {
        ...kubernetesParameters(settings, node, controlPlaneConfig(settings, node)),
        ...controlPlaneParameters(settings, node),
        ROLE: "control-plane",
    };
    return stagedParameters(settings, registryPasswords, pki.clusterId, parameters, balancerSecrets(balancerPasswords));
}

const mergeParameters = (parts: pulumi.Input<ScriptParameters>[]): pulumi.Output<ScriptParameters> =>
    pulumi.all(parts).apply((all) => all.reduce((merged, part) => ({ ...merged, ...part }), {}));

/** A fingerprint of the administrator's certificate: when it is renewed, the node renews its own certificates. */
const certificateGeneration = ({ admin }: ClusterPki): pulumi.Output<ScriptParameters> =>
    admin.certificate.apply((pem): ScriptParameters => ({ CERTIFICATE_GENERATION: fingerprint(pem) }));

const pkiParameters = (node: string, pki: ClusterPki): pulumi.Output<ScriptParameters> =>
    pulumi.all([pki.ca, pki.frontProxyCa, pki.serviceAccountKey]).apply(([ca, frontProxy, sa]): ScriptParameters => ({
        NODE_NAME: node,
        PKI_CA_CERT: ca.certificate.trimEnd(),
        PKI_CA_KEY: ca.privateKey.trimEnd(),
        PKI_FRONT_PROXY_CA_CERT: frontProxy.certificate.trimEnd(),
        PKI_FRONT_PROXY_CA_KEY: frontProxy.privateKey.trimEnd(),
        PKI_SA_KEY: sa.trimEnd(),
    }));

// kubeadm makes the certificates of its own member, from the CA.
const stackedAccess = ({ etcdCa }: ClusterPki): EtcdAccess => ({
    secrets: pulumi.all([etcdCa.certificate, etcdCa.privateKey]).apply(([certificate, key]): ScriptParameters => ({
        PKI_ETCD_CA_CERT: certificate.trimEnd(),
        PKI_ETCD_CA_KEY: key.trimEnd(),
    })),
    ...NO_WAIT,
});
