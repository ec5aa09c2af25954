import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { Formation } from "../etcd/formation";
import { ScriptParameters, rolloutParameters } from "../host/contract";
import { union } from "../host/dependencies";
import { Machine } from "../host/host";
import { stagedParameters } from "../host/runtime";
import { fingerprint } from "../lib/certificates";
import { balancerSecrets } from "../load-balancer/parts";
import { ClusterSettings } from "../model/cluster";
import { NodeArgs } from "../model/hosts";
import { controlPlaneParameters, kubernetesParameters } from "./desiredState";
import { EtcdAccess, NO_WAIT } from "./etcdAccess";
import { controlPlaneConfig } from "./kubeadm";
import { ClusterPki } from "./pki";

export interface ControlPlaneNodeArgs {
    node: NodeArgs;
    machine: Machine;
    /** What must have ended before this machine is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    pki: ClusterPki;
    settings: ClusterSettings;
    /** The etcd that is not kubeadm's. @default kubeadm's stacked member on this node */
    etcd?: EtcdAccess;
    /** The record of etcd's founding members, where a member runs on this node. @default its member may only join */
    formation?: Formation;
    /** What a change of this node, when it is live, waits for: the node before it. Its creation waits for nobody. */
    rolloutAfter?: pulumi.Input<pulumi.Resource[]>;
}

/**
 * A control plane node: kube-apiserver, controller-manager, scheduler and, but for an etcd elsewhere, an etcd member on one
 * machine. Every one is made alike and at the same time; there is no first node.
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
        const desired = stagedParameters(settings, args.pki.id, parameters, balancerSecrets(settings.loadBalancer));

        const prepare = machine.prepare(`${name}-prepare`, desired, {
            parent: this,
            dependsOn: machine.passed(args.barrier),
        });
        const { secrets, startAfter, rolloutAfter } = args.etcd ?? stacked(args.pki);
        const founding = args.formation?.parametersOf(machine) ?? pulumi.output<ScriptParameters>({});
        const bootstrap = pulumi.all([pkiParameters(node.name, args.pki), age(args.pki), secrets, founding]);
        this.bootstrap = machine.run(`${name}-bootstrap`, "bootstrap", pulumi.secret(bootstrap.apply(merged)), {
            parent: this,
            dependsOn: union([[prepare], startAfter]),
        });
        // A renewed certificate of etcd's comes with the rollout; those that kubeadm made are renewed on the node.
        const renewed = args.etcd?.secrets ?? pulumi.output<ScriptParameters>({});
        const rollout = pulumi.all([desired.apply((d) => rolloutParameters(node.name, d)), age(args.pki), renewed]);
        this.rollout = machine.run(`${name}-rollout`, "rollout", rollout.apply(merged), {
            parent: this,
            dependsOn: union([[this.bootstrap], rolloutAfter, args.rolloutAfter ?? []]),
        });
        this.registerOutputs({});
    }
}

const merged = (all: ScriptParameters[]): ScriptParameters => Object.assign({}, ...all);

/** Of the certificates on the node: they are renewed together with the administrator's. */
const age = ({ admin }: ClusterPki): pulumi.Output<ScriptParameters> =>
    admin.certificate.apply((pem): ScriptParameters => ({ CERTIFICATES: fingerprint(pem) }));

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
const stacked = ({ etcdCa }: ClusterPki): EtcdAccess => ({
    secrets: pulumi.all([etcdCa.certificate, etcdCa.privateKey]).apply(([certificate, key]): ScriptParameters => ({
        PKI_ETCD_CA_CERT: certificate.trimEnd(),
        PKI_ETCD_CA_KEY: key.trimEnd(),
    })),
    ...NO_WAIT,
});
