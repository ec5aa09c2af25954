import { execFileSync } from "child_process";
import { generateKeyPairSync } from "crypto";
import { mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect, it, onTestFinished } from "vitest";
import { privateKeyProblem, tidyPrivateKey, tidyPublicKey } from "../../components/lib/sshKeys";

/** The files of a new key, as ssh-keygen writes them. */
function keyPair(...options: string[]): { privateKey: string; publicKey: string } {
    const folder = mkdtempSync(path.join(tmpdir(), "key-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
    return { privateKey: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8") };
}

const TYPES = ["ed25519", "rsa", "ecdsa"];
const FORMATS = ["RFC4716", "PEM", "PKCS8"];
const KINDS = TYPES.flatMap((type) => FORMATS.map((format) => ["-t", type, "-m", format]));

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
