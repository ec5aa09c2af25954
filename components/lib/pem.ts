import { X509Certificate, createPrivateKey } from "crypto";

/** The first certificate of a text; undefined where it has none. */
export function parseCertificate(pem: string): X509Certificate | undefined {
    try {
        return new X509Certificate(pem);
    } catch {
        return undefined;
    }
}

/** `rsa`, `ec`, `ed25519` and so on; undefined where the text is no private key, or one with a passphrase. */
export function privateKeyType(pem: string): string | undefined {
    try {
        return createPrivateKey(pem).asymmetricKeyType;
    } catch {
        return undefined;
    }
}
