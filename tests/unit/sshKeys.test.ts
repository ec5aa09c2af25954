import { execFileSync } from "child_process";
import { mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect, it, onTestFinished } from "vitest";
import { privateKeyProblem } from "../../components/lib/sshKeys";

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

it("refuses a public key", () => {
    expect(privateKeyProblem(keyPair("-t", "ed25519", "-N", "").publicKey)).toBe("a public key");
});

it.each(["", "ssh-ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"])(
    "refuses %j",
    (text) => {
        expect(privateKeyProblem(text)).toBe("a text of another form");
    },
);
