import { Fault, fault, oneOf } from "../lib/faults";
import { KeyAlgorithm } from "../lib/certificates";

/** How keys and certificates are made, by kubeadm's names (kubeadm.k8s.io/v1beta4, ClusterConfiguration). */
export interface CertificateArgs {
    /**
     * The algorithm of the keys that are made: `RSA-2048`, `RSA-3072`, `RSA-4096`, `ECDSA-P256` or `ECDSA-P384`.
     * @default "ECDSA-P256"
     * @change The CAs and the ServiceAccount key stay. All other certificates are renewed with new keys, node by node, without a drain.
     */
    encryptionAlgorithm?: KeyAlgorithm;
    /**
     * How long a certificate is valid: whole days, in hours. kubelets renew their own, which kube-controller-manager signs
     * (its flag `cluster-signing-duration`).
     * @kind duration
     * @default "8760h"
     * @change Certificates are renewed, node by node, without a drain. The CAs' own expiry does not change, and no certificate can be used after it.
     */
    certificateValidityPeriod?: string;
    /**
     * How long a CA that is made here is valid: whole days, in hours. No `up` renews a CA, and the cluster ends with it.
     * @kind duration
     * @default "87600h"
     * @change Nothing: a CA stays.
     */
    caCertificateValidityPeriod?: string;
    /**
     * The time before a certificate's end from which `pulumi up` renews it: whole hours, less than `certificateValidityPeriod`.
     * @kind duration
     * @otherwise `720h`, at most a third of `certificateValidityPeriod`
     * @change Certificates that are due by it are renewed.
     */
    renewBefore?: string;
}

/** The same with every default filled in. */
export interface CertificateSettings {
    algorithm: KeyAlgorithm;
    validityHours: number;
    caValidityHours: number;
    renewBeforeHours: number;
}

export function resolveCertificates(args: CertificateArgs = {}): CertificateSettings {
    const validityHours = hoursOf(args.certificateValidityPeriod) ?? 8760;
    return {
        algorithm: args.encryptionAlgorithm ?? KeyAlgorithm.EcdsaP256,
        validityHours,
        caValidityHours: hoursOf(args.caCertificateValidityPeriod) ?? 87600,
        renewBeforeHours: hoursOf(args.renewBefore) ?? Math.min(720, Math.floor(validityHours / 3)),
    };
}

/** @param hasOwnCa whether the CAs exist already, and have an end of their own */
export function certificateFaults(path: string, args: CertificateArgs = {}, hasOwnCa = false): Fault[] {
    const { certificateValidityPeriod, caCertificateValidityPeriod, renewBefore } = args;
    const { validityHours, caValidityHours, renewBeforeHours } = resolveCertificates(args);
    const faults = oneOf(`${path}.encryptionAlgorithm`, args.encryptionAlgorithm, KeyAlgorithm);
    const days = "whole days in hours, '24h' to '876000h'";
    for (const [name, period] of Object.entries({ certificateValidityPeriod, caCertificateValidityPeriod })) {
        const hours = hoursOf(period);
        if (period !== undefined && !(hours !== undefined && hours > 0 && hours % 24 === 0 && hours <= MOST_HOURS)) {
            faults.push(fault(`${path}.${name}`, period, days));
        }
    }
    if (renewBefore !== undefined && !(hoursOf(renewBefore) !== undefined && renewBeforeHours > 0)) {
        faults.push(fault(`${path}.renewBefore`, renewBefore, "whole hours, e.g. '720h'"));
    }
    if (faults.length > 0) return faults;
    if (!hasOwnCa && validityHours > caValidityHours) {
        const expected = `at most that of the CAs, ${caValidityHours}h`;
        faults.push(fault(`${path}.certificateValidityPeriod`, `${validityHours}h`, expected));
    }
    if (renewBeforeHours >= validityHours) {
        faults.push(
            fault(`${path}.renewBefore`, renewBefore, `less than certificateValidityPeriod, ${validityHours}h`),
        );
    }
    return faults;
}

const MOST_HOURS = 876_000;

/** The hours of a duration in whole hours, as Go writes it; undefined for any other text. */
function hoursOf(duration: string | undefined): number | undefined {
    const [, hours] = /^(\d+)h(?:0m)?(?:0s)?$/.exec(duration ?? "") ?? [];
    return hours === undefined ? undefined : Number(hours);
}
