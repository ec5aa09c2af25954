import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { balancerSecrets } from "./balancerParameters";
import { ClusterPki } from "./clusterPki";
import { controlPlaneConfig } from "./config/kubeadm";
import { controlPlaneParameters, kubernetesParameters, stagedParameters } from "./desiredState";
import { Machine } from "./machine";
import { rolloutParameters } from "./remote/parameters";
import { PhaseArgs } from "./remote/phase";
import { ClusterSettings } from "./settings";
import { NodeArgs } from "./types";

export interface ControlPlaneNodeArgs {
    node: NodeArgs;
    machine: Machine;
    /** What must have ended before this machine is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    pki: ClusterPki;
    settings: ClusterSettings;
    /** What a change of this node, when it is live, waits for: the node before it. Its creation waits for nobody. */
    rolloutAfter?: pulumi.Resource[];
}

/**
 * A control plane node: kube-apiserver, controller-manager, scheduler and a stacked etcd member on one machine. Every one
 * is made alike and at the same time; there is no first node.
 */
export class ControlPlaneNode extends pulumi.ComponentResource {
    /** Ends when kube-apiserver and etcd on this node are well. */
    public readonly bootstrap: remote.Command;
    /** Ends when the node is as the program says. */
    public readonly rollout: remote.Command;

    constructor(name: string, args: ControlPlaneNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ControlPlaneNode", name, {}, opts);
        const { node, machine, settings } = args;
        const parameters = {
            ...kubernetesParameters(settings, node, controlPlaneConfig(settings, node)),
            ...controlPlaneParameters(settings, node),
            ROLE: "control-plane",
        };
        const secrets = balancerSecrets(settings.loadBalancer);
        const desired = stagedParameters(settings, args.pki.id, parameters, secrets);

        const prepare = machine.run(`${name}-prepare`, "prepare", desired, {
            parent: this,
            dependsOn: args.barrier ?? machine.preflight,
        });
        this.bootstrap = machine.run(`${name}-bootstrap`, "bootstrap", pkiParameters(node.name, args.pki), {
            parent: this,
            dependsOn: prepare,
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

const pkiParameters = (node: string, pki: ClusterPki): PhaseArgs["parameters"] =>
    pulumi.secret(
        pulumi
            .all([pki.ca, pki.frontProxyCa, pki.etcdCa, pki.serviceAccountKey])
            .apply(([ca, frontProxy, etcd, sa]) => ({
                NODE_NAME: node,
                PKI_CA_CERT: ca.certificate.trimEnd(),
                PKI_CA_KEY: ca.privateKey.trimEnd(),
                PKI_FRONT_PROXY_CA_CERT: frontProxy.certificate.trimEnd(),
                PKI_FRONT_PROXY_CA_KEY: frontProxy.privateKey.trimEnd(),
                PKI_ETCD_CA_CERT: etcd.certificate.trimEnd(),
                PKI_ETCD_CA_KEY: etcd.privateKey.trimEnd(),
                PKI_SA_KEY: sa.trimEnd(),
            })),
    );
