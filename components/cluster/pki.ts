import * as pulumi from "@pulumi/pulumi";
import {
    CA_VALIDITY_HOURS,
    CERTIFICATE_VALIDITY_HOURS,
    Authority,
    Certificate,
    authority,
    clusterIdOf,
    irreplaceable,
    privateKey,
    signedCertificate,
} from "../lib/certificates";

export interface ClusterPkiArgs {
    /**
     * How long the three CAs are valid, in hours. A change would make new CAs and is therefore ignored on a live cluster.
     * @default 87600 (ten years, as kubeadm's)
     */
    caValidityHours?: number;
    /**
     * How long the administrator's certificate is valid, in hours; it is made anew by the first `up` within its last 30 days,
     * which renews the certificates on the control plane nodes as well. Those are good for a year: not more than that.
     * @default 8760
     */
    adminValidityHours?: number;
}

/**
 * The cluster's keys, made before any host is touched, so that no node waits for another's: the Kubernetes, front-proxy
 * and etcd CAs, the service account key pair, and the administrator's client certificate (group kubeadm:cluster-admins).
 * The CAs and the service account key are protected: see `irreplaceable`.
 * All ECDSA P-256 (kubeadm's `encryptionAlgorithm`); leaf certificates are made on the nodes, and never leave them.
 */
export class ClusterPki extends pulumi.ComponentResource {
    public readonly ca: Authority;
    public readonly frontProxyCa: Certificate;
    public readonly etcdCa: Certificate;
    /** Signs service account tokens; PEM, a secret. */
    public readonly serviceAccountKey: pulumi.Output<string>;
    public readonly admin: Certificate;
    /** Identifies the cluster: a digest of its CA certificate. */
    public readonly clusterId: pulumi.Output<string>;

    constructor(name: string, args: ClusterPkiArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterPki", name, {}, opts);
        const child = { parent: this };
        const hours = args.caValidityHours ?? CA_VALIDITY_HOURS;

        this.ca = authority(`${name}-ca`, "kubernetes", hours, child);
        this.frontProxyCa = authority(`${name}-front-proxy-ca`, "front-proxy-ca", hours, child);
        this.etcdCa = authority(`${name}-etcd-ca`, "etcd-ca", hours, child);
        this.serviceAccountKey = pulumi.secret(privateKey(`${name}-sa`, irreplaceable(child)).privateKeyPem);
        // The group's power is a role binding, so it can be taken back; system:masters could not be.
        this.admin = signedCertificate(
            `${name}-admin`,
            {
                ca: this.ca,
                commonName: "kubernetes-admin",
                organization: "kubeadm:cluster-admins",
                usages: ["client_auth"],
                validityHours: args.adminValidityHours ?? CERTIFICATE_VALIDITY_HOURS,
            },
            child,
        );
        this.clusterId = clusterIdOf(this.ca);
        this.registerOutputs({ id: this.clusterId });
    }
}
