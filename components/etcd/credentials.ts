import * as pulumi from "@pulumi/pulumi";
import { ScriptParameters } from "../host/contract";
import { CERTIFICATE_VALIDITY_HOURS, Certificate, fingerprint, signedCertificate } from "../lib/certificates";
import { EtcdCredentials } from "../model/secrets";

/** The names by which apiservers show themselves to etcd, and their files, are kubeadm's. */
export const ETCD_CLIENT = {
    commonName: "kube-apiserver-etcd-client",
    caFile: "/etc/kubernetes/pki/etcd/ca.crt",
    certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
    keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
} as const;

/**
 * The parameters of a member's certificates, as secrets. The host makes its own certificates, and does not keep the CA's key.
 * When the client's certificate is renewed, its new fingerprint makes every member renew its own certificates.
 */
export const memberSecrets = (
    ca: Certificate,
    client: Pick<EtcdCredentials, "certificate">,
): pulumi.Output<ScriptParameters> =>
    pulumi.secret(
        pulumi
            .all([ca.certificate, ca.privateKey, client.certificate])
            .apply(([cert, key, clientCert]): ScriptParameters => ({
                PKI_ETCD_CA_CERT: cert.trimEnd(),
                PKI_ETCD_CA_KEY: key.trimEnd(),
                ETCD_CERTIFICATE_GENERATION: fingerprint(clientCert),
            })),
    );

/** For an apiserver, as secrets. */
export const clientSecrets = ({
    caCertificate,
    certificate,
    privateKey,
}: EtcdCredentials): pulumi.Output<ScriptParameters> =>
    pulumi.secret(
        pulumi.all([caCertificate, certificate, privateKey]).apply(([ca, cert, key]): ScriptParameters => ({
            PKI_ETCD_CA_CERT: ca.trimEnd(),
            PKI_ETCD_CLIENT_CERT: cert.trimEnd(),
            PKI_ETCD_CLIENT_KEY: key.trimEnd(),
        })),
    );

export const clientCertificate = (
    name: string,
    ca: Certificate,
    opts: { parent: pulumi.Resource },
    commonName: string = ETCD_CLIENT.commonName,
): Certificate =>
    signedCertificate(
        name,
        { ca, commonName, usages: ["client_auth"], validityHours: CERTIFICATE_VALIDITY_HOURS },
        opts,
    );
