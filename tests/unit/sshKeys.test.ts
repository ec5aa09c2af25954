import { generateKeyPairSync } from "crypto";
import { expect, it } from "vitest";
import { privateKeyProblem, tidyPrivateKey, tidyPublicKey } from "../../components/lib/sshKeys";
import { KINDS, keyPair } from "./keyPair";

it.each(KINDS)("takes a key of ssh-keygen %s %s %s %s", (...kind) => {
    expect(privateKeyProblem(keyPair(...kind, "-N", "").privateKey)).toBeUndefined();
});

it.each(KINDS)("refuses a key with a passphrase of ssh-keygen %s %s %s %s", (...kind) => {
    expect(privateKeyProblem(keyPair(...kind, "-N", "passphrase").privateKey)).toBe("a key with a passphrase");
});

const OTHERS: Record<string, (key: string) => string> = {
    "carriage returns": (key) => key.replaceAll("\n", "\r\n"),
    "a byte order mark": (key) => `\uFEFF${key}`,
    indentation: (key) => key.replaceAll(/^/gm, "    "),
    "text around it": (key) => `Bag Attributes\n    friendlyName: key\n${key}\n# the end\n`,
    "no line break at its end": (key) => key.trimEnd(),
};

it.each(Object.keys(OTHERS))("gives Go and OpenSSH the bare key of a text with %s", (name) => {
    const { privateKey, publicKey } = keyPair("-t", "ed25519", "-N", "");
    const text = OTHERS[name](privateKey);
    expect(privateKeyProblem(text)).toBeUndefined();
    expect(tidyPrivateKey(text)).toBe(privateKey);
    expect(tidyPrivateKey(privateKey)).toBe(privateKey);
    expect(tidyPublicKey(publicKey)).toBe(publicKey.trim());
});

it("refuses a key on one line, and keys in PEM that OpenSSH does not read", () => {
    const { privateKey } = keyPair("-t", "ed25519", "-N", "");
    expect(privateKeyProblem(privateKey.replaceAll("\n", " "))).toBe("a text of another form");
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(privateKeyProblem(pem)).toBe("a key of type ed25519 in PEM");
});

it("refuses a public key", () => {
    expect(privateKeyProblem(keyPair("-t", "ed25519", "-N", "").publicKey)).toBe("a public key");
});

it.each(["", "ssh-ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"])(
    "refuses %j",
    (text) => {
        expect(privateKeyProblem(text)).toBe("a text of another form");
    },
);
