import { KeyObject, X509Certificate, createPrivateKey } from "crypto";

/** The first certificate of a text; undefined where it has none. */
export const parseCertificate = (pem: string): X509Certificate | undefined =>
    unlessThrown(() => new X509Certificate(pem));

/** Whether Go finds a certificate in the text: it reads only blocks that begin at the beginning of a line. */
export const isCertificate = (pem: string): boolean =>
    /^-----BEGIN CERTIFICATE-----$/m.test(pem.replaceAll("\r", "")) && parseCertificate(pem) !== undefined;

/** Undefined where the text is no private key, or one with a passphrase. */
export const parsePrivateKey = (pem: string): KeyObject | undefined => unlessThrown(() => createPrivateKey(pem));

/** `rsa`, `ec`, `ed25519` and so on. */
export const privateKeyType = (pem: string): string | undefined => parsePrivateKey(pem)?.asymmetricKeyType;

/** The curves that Go has, by OpenSSL's names. */
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/** Whether kubeadm can sign with the key: RSA, or ECDSA on a curve of NIST. */
export function isSigningKey(pem: string): boolean {
    const key = parsePrivateKey(pem);
    if (key?.asymmetricKeyType === "rsa") return true;
    return key?.asymmetricKeyType === "ec" && CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? "");
}

/** A signing key as kubeadm writes it: other tools put the curve's parameters before it, or a certificate. */
export function tidySigningKey(pem: string): string {
    const key = createPrivateKey(pem);
    const text = key.export({ type: key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1", format: "pem" });
    return text.toString();
}

function unlessThrown<T>(parse: () => T): T | undefined {
    try {
        return parse();
    } catch {
        return undefined;
    }
}
