import * as pulumi from "@pulumi/pulumi";
import { Table, ValuesOf, number, text } from "../host/parameters";
import { Certificate, fingerprint, signedCertificate } from "../lib/certificates";
import { CertificateSettings } from "../model/certificates";
import { EtcdCredentials } from "../model/secrets";

/** The names by which apiservers show themselves to etcd, and their files, are kubeadm's. */
export const ETCD_CLIENT = {
    commonName: "kube-apiserver-etcd-client",
    caFile: "/etc/kubernetes/pki/etcd/ca.crt",
    certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
    keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
} as const;

export const ETCD_CA = { PKI_ETCD_CA_CERT: text("The certificate of etcd's CA, PEM.") } satisfies Table;

/** The parameters from which a member makes its certificates on its own host. */
export const MEMBER_SECRETS = {
    ...ETCD_CA,
    PKI_ETCD_CA_KEY: text(
        "The private key of etcd's CA, PEM; secret. The key stays on the host only with kubeadm's own member.",
    ),
    ETCD_CERTIFICATE_GENERATION: text(
        "A fingerprint of the client's certificate. When the fingerprint changes, a member that is not kubeadm's renews its certificates.",
    ),
    ETCD_CERTIFICATE_DAYS: number("The days for which the certificates of a member that is not kubeadm's are valid."),
    ETCD_KEY_ALGORITHM: text("The algorithm of their keys, by kubeadm's name."),
} satisfies Table;

/** The parameters of kube-apiserver as a client of etcd. */
export const CLIENT_SECRETS = {
    ...ETCD_CA,
    PKI_ETCD_CLIENT_CERT: text("kube-apiserver's client certificate for an etcd that is not kubeadm's, PEM."),
    PKI_ETCD_CLIENT_KEY: text("The private key of kube-apiserver's client certificate for etcd, PEM; secret."),
} satisfies Table;

/**
 * The parameters of a member's certificates, as secrets. The host makes its own certificates, and does not keep the CA's key.
 * When the client's certificate is renewed, its new fingerprint makes every member renew its own certificates.
 */
export const memberSecrets = (
    ca: Certificate,
    client: Pick<EtcdCredentials, "certificate">,
    { validityHours, algorithm }: CertificateSettings,
): pulumi.Output<ValuesOf<typeof MEMBER_SECRETS>> =>
    pulumi.secret(
        pulumi
            .all([ca.certificate, ca.privateKey, client.certificate])
            .apply(([cert, key, clientCert]): ValuesOf<typeof MEMBER_SECRETS> => ({
                PKI_ETCD_CA_CERT: cert.trimEnd(),
                PKI_ETCD_CA_KEY: key.trimEnd(),
                ETCD_CERTIFICATE_GENERATION: fingerprint(clientCert),
                ETCD_CERTIFICATE_DAYS: validityHours / 24,
                ETCD_KEY_ALGORITHM: algorithm,
            })),
    );

/** For an apiserver, as secrets. */
export const clientSecrets = ({
    caCertificate,
    certificate,
    privateKey,
}: EtcdCredentials): pulumi.Output<ValuesOf<typeof CLIENT_SECRETS>> =>
    pulumi.secret(
        pulumi
            .all([caCertificate, certificate, privateKey])
            .apply(([ca, cert, key]): ValuesOf<typeof CLIENT_SECRETS> => ({
                PKI_ETCD_CA_CERT: ca.trimEnd(),
                PKI_ETCD_CLIENT_CERT: cert.trimEnd(),
                PKI_ETCD_CLIENT_KEY: key.trimEnd(),
            })),
    );

export const clientCertificate = (
    name: string,
    ca: Certificate,
    certificates: CertificateSettings,
    opts: { parent: pulumi.Resource },
    commonName: string = ETCD_CLIENT.commonName,
): Certificate => signedCertificate(name, { ca, commonName, usages: ["client_auth"], ...certificates }, opts);
