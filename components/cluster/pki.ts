import * as pulumi from "@pulumi/pulumi";
import { Table, text } from "../host/parameters";
import {
    Authority,
    Certificate,
    LeafCertificate,
    authority,
    clusterIdOf,
    fingerprint,
    givenAuthority,
    KeyAlgorithm,
    pinnedKey,
    publicKeyOf,
    signedCertificate,
} from "../lib/certificates";
import { tidySigningKey } from "../lib/pem";
import { resolveCertificates } from "../model/certificates";
import { AuthorityArgs, PkiArgs, knownPki } from "../model/pki";

/** The keys of the cluster, as parameters of a control plane node. Those of etcd are in `ETCD_CA` and `MEMBER_SECRETS`. */
export const CLUSTER_KEYS = {
    PKI_CA_CERT: text("The certificate of the cluster's CA, PEM."),
    PKI_CA_KEY: text("The private key of the cluster's CA, PEM; secret."),
    PKI_FRONT_PROXY_CA_CERT: text("The certificate of the front proxy's CA, PEM."),
    PKI_FRONT_PROXY_CA_KEY: text("The private key of the front proxy's CA, PEM; secret."),
    PKI_SA_KEY: text("The key that signs the tokens of service accounts, PEM; secret."),
} satisfies Table;

/**
 * The cluster's keys, made or given before any host is touched, so that no node waits for another's: the Kubernetes, front-proxy
 * and etcd CAs, the service account key pair, and the administrator's client certificate (group kubeadm:cluster-admins).
 * The CAs and the service account key that are made here are protected: see `irreplaceable`.
 * Leaf certificates are made on the nodes, and their keys never leave them.
 */
export class ClusterPki extends pulumi.ComponentResource {
    public readonly ca: Authority;
    public readonly frontProxyCa: Certificate;
    public readonly etcdCa: Certificate;
    /** Signs service account tokens; PEM, a secret. */
    public readonly serviceAccountKey: pulumi.Output<string>;
    public readonly admin: LeafCertificate;
    /** Identifies the cluster: a digest of its CA certificate. */
    public readonly clusterId: pulumi.Output<string>;
    /** File below /etc/kubernetes/pki to the digest of its content, beside the CA that is the cluster's id. */
    public readonly keyDigests: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: PkiArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:ClusterPki", name, {}, opts);
        const child = { parent: this };
        const { algorithm, validityHours, caValidityHours: hours, renewBeforeHours } = resolveCertificates(args);

        const known = knownPki(args);
        const checked = (pem: pulumi.Input<string>): pulumi.Output<string> =>
            pulumi.all([pem, known]).apply(([text]) => text);
        const take = ({ certificate, privateKey }: AuthorityArgs): Authority =>
            // A certificate is no secret; the keys that were checked with it are.
            givenAuthority(pulumi.unsecret(checked(certificate)), checked(privateKey));
        const makeOrTake = (resource: string, commonName: string, given?: AuthorityArgs): Authority =>
            given ? take(given) : authority(`${name}-${resource}`, commonName, { algorithm, hours }, child);
        this.ca = makeOrTake("ca", "kubernetes", args.ca);
        this.frontProxyCa = makeOrTake("front-proxy-ca", "front-proxy-ca", args.frontProxyCa);
        this.etcdCa = makeOrTake("etcd-ca", "etcd-ca", args.etcdCa);
        const { serviceAccountKey: key } = args;
        const signer = signingKey(`${name}-sa`, key === undefined ? algorithm : checked(key), child);
        this.serviceAccountKey = signer.privateKey;
        // The group's power is a role binding, so it can be taken back; system:masters could not be.
        this.admin = signedCertificate(
            `${name}-admin`,
            {
                ca: this.ca,
                commonName: "kubernetes-admin",
                organization: "kubeadm:cluster-admins",
                usages: ["client_auth"],
                algorithm,
                validityHours,
                renewBeforeHours,
            },
            child,
        );
        this.clusterId = clusterIdOf(this.ca);
        this.keyDigests = pulumi
            .all([this.frontProxyCa.certificate, this.etcdCa.certificate, signer.publicKey])
            .apply(([frontProxyCa, etcdCa, publicKey]): Record<string, string> => ({
                "front-proxy-ca.crt": digestOfFile(frontProxyCa),
                "etcd/ca.crt": digestOfFile(etcdCa),
                "sa.pub": digestOfFile(publicKey),
            }));
        this.registerOutputs({ id: this.clusterId });
    }
}

const digestOfFile = (pem: string): string => fingerprint(`${pem.trimEnd()}\n`);

interface SigningKey {
    privateKey: pulumi.Output<string>;
    publicKey: pulumi.Output<string>;
}

/** A key that is given, or a new one of an algorithm. */
function signingKey(
    name: string,
    given: pulumi.Output<string> | KeyAlgorithm,
    opts: pulumi.CustomResourceOptions,
): SigningKey {
    if (typeof given !== "string") {
        const privateKey = pulumi.secret(given.apply(tidySigningKey));
        return { privateKey, publicKey: pulumi.unsecret(privateKey.apply(publicKeyOf)) };
    }
    const { privateKeyPem, publicKeyPem } = pinnedKey(name, given, opts);
    return { privateKey: pulumi.secret(privateKeyPem), publicKey: publicKeyPem };
}
