import { generateKeyPairSync } from "crypto";
import { describe, expect, it } from "vitest";
import { clusterFaults } from "../../components/model/clusterRules";
import { isSigningKey, tidySigningKey } from "../../components/lib/pem";
import { PkiArgs } from "../../components/model/pki";
import { clusterArgs, pem } from "./fixtures";

const ca = { certificate: pem("ca.crt"), privateKey: pem("ca.key") };

const faults = (pki: PkiArgs): string[] =>
    clusterFaults(clusterArgs({ pki })).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);

describe("keys that exist already", () => {
    it("are CAs with their keys, and an RSA or ECDSA key for tokens", () => {
        expect(faults({ ca, frontProxyCa: ca, etcdCa: ca, serviceAccountKey: pem("sa.key") })).toEqual([]);
        expect(faults({ serviceAccountKey: ca.privateKey })).toEqual([]);
    });

    it.each<[string, PkiArgs, string]>([
        [
            "no certificate",
            { ca: { ...ca, certificate: "ca.crt" } },
            "pki.ca.certificate: got no certificate, expected a CA's certificate, PEM",
        ],
        [
            "a certificate that is no CA's",
            { etcdCa: { ...ca, certificate: pem("leaf.crt") } },
            "pki.etcdCa.certificate: got the certificate CN=leaf, expected a CA's",
        ],
        [
            "a CA that has expired",
            { ca: { ...ca, certificate: pem("expired.crt") } },
            "pki.ca.certificate: got a certificate that expired on",
        ],
        [
            "the key of another",
            { frontProxyCa: { ...ca, privateKey: pem("sa.key") } },
            "pki.frontProxyCa.privateKey: got the key of another certificate, expected that of CN=kubernetes",
        ],
        [
            "a key with a passphrase",
            { serviceAccountKey: pem("encrypted.key") },
            "pki.serviceAccountKey: got no private key, expected an RSA or ECDSA key (P-256, P-384, P-521) in PEM, without a passphrase",
        ],
        [
            "half a CA",
            { ca: { certificate: ca.certificate } as typeof ca },
            "pki.ca.privateKey: got nothing, expected the CA's private key, PEM",
        ],
    ])("are refused for %s, with their path and without their text", (_, pki, sentence) => {
        const said = faults(pki);
        expect(said).toHaveLength(1);
        expect(said[0].startsWith(sentence), said[0]).toBe(true);
        expect(said[0]).not.toContain("PRIVATE KEY-----");
    });
});

describe("a key that signs", () => {
    const key = (namedCurve: string) => {
        const { privateKey } = generateKeyPairSync("ec", { namedCurve });
        return privateKey.export({ type: "sec1", format: "pem" }).toString();
    };
    const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

    it("is written as kubeadm would, whatever stands before it", () => {
        const bare = key("P-256");
        expect(tidySigningKey(parameters + bare)).toBe(bare);
        expect(tidySigningKey(pem("ca.crt") + bare)).toBe(bare);
        expect(tidySigningKey(pem("sa.key"))).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
        expect(faults({ serviceAccountKey: parameters + bare })).toEqual([]);
    });

    it("is on a curve that Go has", () => {
        for (const curve of ["P-256", "P-384", "P-521"]) expect(isSigningKey(key(curve)), curve).toBe(true);
        expect(faults({ serviceAccountKey: key("secp256k1") })[0]).toContain("got a key of another kind (ec)");
    });
});
