import { execFileSync } from "child_process";
import { mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { onTestFinished } from "vitest";

export interface KeyPair {
    file: string;
    privateKey: string;
    publicKey: string;
}

/** A folder that the end of the test removes. */
export function testFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), "key-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/** The files of a new key, as ssh-keygen writes them. */
export function keyPair(...options: string[]): KeyPair {
    const file = path.join(testFolder(), "key");
    execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
    return { file, privateKey: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8") };
}

// Of 2048 bits: longer keys of RSA take seconds.
const TYPES = [
    ["-t", "ed25519"],
    ["-t", "ecdsa"],
    ["-t", "rsa", "-b", "2048"],
];
const FORMATS = ["RFC4716", "PEM", "PKCS8"];

/** The options of ssh-keygen for each type and format. */
export const KINDS = FORMATS.flatMap((format) => TYPES.map((type) => ["-m", format, ...type]));
