import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { X509Certificate, createHash, createPublicKey } from "crypto";
import { tidySigningKey } from "./pem";

/** The algorithm of a key, by kubeadm's name. */
export const KeyAlgorithm = {
    Rsa2048: "RSA-2048",
    Rsa3072: "RSA-3072",
    Rsa4096: "RSA-4096",
    EcdsaP256: "ECDSA-P256",
    EcdsaP384: "ECDSA-P384",
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** A certificate and its key, PEM; the key is a secret. */
export interface Certificate {
    certificate: pulumi.Output<string>;
    privateKey: pulumi.Output<string>;
}

/** A CA, and the beginning of its validity (RFC 3339), which is the operator's clock at that time. */
export interface Authority extends Certificate {
    validFrom: pulumi.Output<string>;
}

/** A certificate that is made anew, and the time from which an `up` does so (RFC 3339). */
export interface LeafCertificate extends Certificate {
    renewalTime: pulumi.Output<string>;
}

export interface SignedCertificateArgs {
    ca: Certificate;
    commonName: string;
    organization?: string;
    dnsNames?: string[];
    ipAddresses?: string[];
    /** `server_auth` and `client_auth`, as the tls provider names them. */
    usages: string[];
    algorithm: KeyAlgorithm;
    validityHours: number;
    /** The first `up` so many hours before the end makes a new certificate. */
    renewBeforeHours: number;
}

export function privateKey(
    name: string,
    keyAlgorithm: KeyAlgorithm,
    opts: pulumi.CustomResourceOptions,
): tls.PrivateKey {
    const [algorithm, size] = keyAlgorithm.split("-");
    const form = algorithm === "RSA" ? { rsaBits: Number(size) } : { ecdsaCurve: size };
    return new tls.PrivateKey(name, { algorithm, ...form }, opts);
}

/** A key that a cluster cannot live without. It stays as it was made, whatever the algorithm is later. */
export const pinnedKey = (name: string, algorithm: KeyAlgorithm, opts: pulumi.CustomResourceOptions): tls.PrivateKey =>
    privateKey(name, algorithm, { ...irreplaceable(opts), ignoreChanges: ["algorithm", "ecdsaCurve", "rsaBits"] });

/**
 * Protects a resource that a cluster cannot live without: Pulumi neither deletes nor replaces it. `pulumi state unprotect --all` is the way to
 * destroy a cluster on purpose.
 */
export const irreplaceable = (opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
    ...opts,
    protect: true,
});

/** A self-signed CA, protected. It is pinned: the `up` that finds it near its end keeps it, as another would re-sign everything at once. */
export function authority(
    name: string,
    commonName: string,
    { algorithm, hours: validityPeriodHours }: { algorithm: KeyAlgorithm; hours: number },
    opts: pulumi.CustomResourceOptions,
): Authority {
    const key = pinnedKey(`${name}-key`, algorithm, opts);
    const certificate = new tls.SelfSignedCert(
        name,
        {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName },
            isCaCertificate: true,
            setSubjectKeyId: true,
            validityPeriodHours,
            allowedUses: ["digital_signature", "key_encipherment", "cert_signing"],
        },
        { ...irreplaceable(opts), ignoreChanges: ["validityPeriodHours", "allowedUses", "subject"] },
    );
    return {
        certificate: certificate.certPem,
        privateKey: pulumi.secret(key.privateKeyPem),
        validFrom: certificate.validityStartTime,
    };
}

/** A CA that exists already. Its certificate and its key are spelled as `authority` would: the text of the first identifies the cluster. */
export const givenAuthority = (certificate: pulumi.Output<string>, key: pulumi.Output<string>): Authority => ({
    certificate: certificate.apply((pem) => new X509Certificate(pem).toString()),
    privateKey: pulumi.secret(key.apply(tidySigningKey)),
    validFrom: certificate.apply((pem) => new Date(new X509Certificate(pem).validFrom).toISOString()),
});

/** The public key of a private key, PEM, as `openssl pkey -pubout` prints it. */
export const publicKeyOf = (pem: string): string =>
    createPublicKey(pem).export({ type: "spki", format: "pem" }).toString();

/** A leaf certificate, which an `up` makes anew before its end. */
export function signedCertificate(
    name: string,
    args: SignedCertificateArgs,
    opts: pulumi.CustomResourceOptions,
): LeafCertificate {
    const { renewBeforeHours: earlyRenewalHours } = args;
    const key = privateKey(`${name}-key`, args.algorithm, opts);
    const request = new tls.CertRequest(
        `${name}-request`,
        {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName: args.commonName, organization: args.organization },
            dnsNames: args.dnsNames,
            ipAddresses: args.ipAddresses,
        },
        opts,
    );
    const signed = new tls.LocallySignedCert(
        name,
        {
            certRequestPem: request.certRequestPem,
            caPrivateKeyPem: args.ca.privateKey,
            caCertPem: args.ca.certificate,
            validityPeriodHours: args.validityHours,
            earlyRenewalHours,
            allowedUses: ["digital_signature", "key_encipherment", ...args.usages],
        },
        opts,
    );
    const renewalTime = signed.validityEndTime.apply((end) =>
        new Date(new Date(end).getTime() - earlyRenewalHours * 3_600_000).toISOString(),
    );
    return { certificate: signed.certPem, privateKey: pulumi.secret(key.privateKeyPem), renewalTime };
}

/** What tells one cluster's machines from another's: a digest of its CA certificate. */
export const clusterIdOf = (ca: Certificate): pulumi.Output<string> => ca.certificate.apply(fingerprint);

/** Short, and another for each certificate. */
export const fingerprint = (pem: string): string => createHash("sha256").update(pem).digest("hex").slice(0, 16);
