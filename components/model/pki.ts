import * as pulumi from "@pulumi/pulumi";
import { X509Certificate, createPrivateKey } from "crypto";
import { Fault, fault, hiddenFault, throwIfAny } from "../lib/faults";
import { CertificateArgs, certificateFaults } from "./certificates";
import { isSigningKey, parseCertificate, privateKeyType } from "../lib/pem";

/** A CA's certificate and key, PEM. */
export interface AuthorityArgs {
    /**
     * The certificate of the CA.
     * @kind PEM
     * @change Refused.
     */
    certificate: pulumi.Input<string>;
    /**
     * Its key, RSA or ECDSA (P-256, P-384, P-521), without a passphrase.
     * @kind secret PEM
     * @change Refused.
     */
    privateKey: pulumi.Input<string>;
}

/**
 * How keys and certificates are made; or keys that exist already, instead of new ones: those of a cluster whose state is lost
 * (docs/runbooks.md, "The state is lost"), or CAs of one's own. kubeadm's names of the files are given in brackets. Preflight refuses
 * a live host that has other keys.
 */
export interface PkiArgs extends CertificateArgs {
    /**
     * The Kubernetes CA (ca.crt, ca.key). Its certificate identifies the cluster.
     * @otherwise a new CA
     * @change Refused.
     */
    ca?: AuthorityArgs;
    /**
     * The CA of kube-apiserver's proxy to API extensions (front-proxy-ca.crt, front-proxy-ca.key).
     * @otherwise a new CA
     * @change Refused.
     */
    frontProxyCa?: AuthorityArgs;
    /**
     * The CA of an etcd that is created here (etcd/ca.crt, etcd/ca.key).
     * @otherwise a new CA
     * @change Refused.
     */
    etcdCa?: AuthorityArgs;
    /**
     * The private key that signs ServiceAccount tokens (sa.key).
     * @kind secret PEM
     * @otherwise a new key
     * @change Refused.
     */
    serviceAccountKey?: pulumi.Input<string>;
}

export const AUTHORITIES = ["ca", "frontProxyCa", "etcdCa"] as const;

/** The faults of what is known now. The value of an output is not: `knownPki` looks again when it is. */
export function pkiFaults(pki: PkiArgs = {}): Fault[] {
    const { serviceAccountKey: key } = pki;
    return [
        ...certificateFaults(
            "pki",
            pki,
            AUTHORITIES.every((name) => pki[name] !== undefined),
        ),
        ...AUTHORITIES.flatMap((name) => (pki[name] ? authorityFaults(`pki.${name}`, pki[name]) : [])),
        ...(typeof key === "string" && !isSigningKey(key) ? [privateKeyFault("pki.serviceAccountKey", key)] : []),
    ];
}

/** The arguments as one output, which fails where a key or a certificate is wrong. */
export const knownPki = (pki: PkiArgs): pulumi.Output<pulumi.Unwrap<PkiArgs>> =>
    pulumi.output(pki).apply((known) => {
        throwIfAny("the cluster's keys", pkiFaults(known));
        return known;
    });

function authorityFaults(path: string, { certificate, privateKey }: AuthorityArgs): Fault[] {
    const faults: Fault[] = [];
    if (certificate === undefined) faults.push(fault(`${path}.certificate`, undefined, "a CA's certificate, PEM"));
    if (privateKey === undefined) faults.push(fault(`${path}.privateKey`, undefined, "the CA's private key, PEM"));
    const parsed = typeof certificate === "string" ? parseCertificate(certificate) : undefined;
    const hasKey = typeof privateKey === "string";
    if (typeof certificate === "string") faults.push(...caFaults(`${path}.certificate`, parsed));
    if (hasKey && !isSigningKey(privateKey)) faults.push(privateKeyFault(`${path}.privateKey`, privateKey));
    else if (hasKey && parsed && !parsed.checkPrivateKey(createPrivateKey(privateKey))) {
        faults.push({
            propertyPath: `${path}.privateKey`,
            reason: `got the key of another certificate, expected that of ${parsed.subject}`,
        });
    }
    return faults;
}

function caFaults(propertyPath: string, certificate: X509Certificate | undefined): Fault[] {
    if (certificate === undefined) {
        return [{ propertyPath, reason: "got no certificate, expected a CA's certificate, PEM" }];
    }
    const { ca, subject, validTo } = certificate;
    if (!ca) return [{ propertyPath, reason: `got the certificate ${subject}, expected a CA's` }];
    if (new Date(validTo).getTime() < Date.now()) {
        return [{ propertyPath, reason: `got a certificate that expired on ${validTo}, expected a valid one` }];
    }
    return [];
}

function privateKeyFault(path: string, pem: string): Fault {
    const type = privateKeyType(pem);
    const got = type === undefined ? "no private key" : `a key of another kind (${type})`;
    return hiddenFault(path, got, "an RSA or ECDSA key (P-256, P-384, P-521) in PEM, without a passphrase");
}
