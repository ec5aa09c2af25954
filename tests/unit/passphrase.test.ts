import { execFileSync } from "child_process";
import { readFileSync, writeFileSync } from "fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPrivateKey } from "../../components/lib/openPrivateKey";
import { privateKeyProblem } from "../../components/lib/sshKeys";
import { privateKeyFaults } from "../../components/model/login";
import { SshArgs, sshAccess } from "../../components/model/ssh";
import { clusterArgsFromConfig } from "../../components/stack/stackConfig";
import { collectRefusals } from "../components/mocks";
import { KINDS, KeyPair, keyPair, testFolder } from "./keyPair";

const PASSPHRASE = "HUSH it's a pässphrase";

/** A key with this passphrase. One round of bcrypt is enough for a test. */
const locked = (...options: string[]): KeyPair => keyPair("-a", "1", "-N", PASSPHRASE, ...options);

/** The public key that OpenSSH reads in the text of a private key; it is asked for no passphrase. */
function publicKeyOf(text: string): string {
    const file = path.join(testFolder(), "opened");
    writeFileSync(file, text, { mode: 0o600 });
    return execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], { encoding: "utf8" });
}

const withoutComment = (key: string): string => key.trim().split(" ").slice(0, 2).join(" ");

describe("a passphrase", () => {
    it.each([
        ...KINDS,
        ...["aes128-ctr", "aes192-cbc", "aes256-cbc"].map((cipher) => ["-t", "ed25519", "-Z", cipher]),
        ...["256", "384", "521"].map((bits) => ["-t", "ecdsa", "-b", bits]),
    ])("opens a key of ssh-keygen %s %s %s %s", (...kind) => {
        const { privateKey, publicKey } = locked(...kind);
        const opened = openPrivateKey(privateKey, PASSPHRASE)!;
        expect(privateKeyProblem(opened)).toBeUndefined();
        expect(withoutComment(publicKeyOf(opened))).toBe(withoutComment(publicKey));
        expect(openPrivateKey(privateKey, "another")).toBeUndefined();
    });

    it("opens a key with carriage returns and text around it", () => {
        const { privateKey } = locked("-t", "ed25519");
        const text = `\uFEFF# a key\r\n${privateKey.replaceAll("\n", "\r\n")}`;
        expect(openPrivateKey(text, PASSPHRASE)).toBe(openPrivateKey(privateKey, PASSPHRASE));
    });

    it.each(["RFC4716", "PEM"])(
        "that changes leaves the opened key as it was: no step has another input (%s)",
        (format) => {
            const { file, privateKey } = locked("-t", "rsa", "-b", "2048", "-m", format);
            execFileSync("ssh-keygen", [
                "-q",
                "-p",
                "-a",
                "1",
                "-m",
                format,
                "-P",
                PASSPHRASE,
                "-N",
                "the next",
                "-f",
                file,
            ]);
            const changed = readFileSync(file, "utf8");
            expect(changed).not.toBe(privateKey);
            expect(openPrivateKey(changed, "the next")).toBe(openPrivateKey(privateKey, PASSPHRASE));
        },
    );
});

describe("the faults of a key and its passphrase", () => {
    const faults = (privateKey: pulumi.Input<string>, privateKeyPassphrase?: pulumi.Input<string>) =>
        privateKeyFaults("ssh", { privateKey, privateKeyPassphrase });
    const at = (propertyPath: string, reason: string) => [{ propertyPath, reason }];

    it("are none where they belong together, and where there is no passphrase", () => {
        expect(faults(locked("-t", "ed25519").privateKey, PASSPHRASE)).toEqual([]);
        expect(faults(keyPair("-t", "ed25519", "-N", "").privateKey, "")).toEqual([]);
    });

    it("name the option that is missing", () => {
        const reason =
            "got a key with a passphrase, expected its passphrase in ssh.privateKeyPassphrase, or a key without one";
        expect(faults(locked("-t", "ed25519").privateKey)).toEqual(at("ssh.privateKey", reason));
        expect(faults(locked("-t", "rsa", "-b", "2048", "-m", "PEM").privateKey, "")).toEqual(
            at("ssh.privateKey", reason),
        );
    });

    it.each(["RFC4716", "PEM", "PKCS8"])(
        "name a passphrase that is not the key's, and do not show it: %s",
        (format) => {
            expect(faults(locked("-t", "rsa", "-b", "2048", "-m", format).privateKey, "HUSH")).toEqual(
                at(
                    "ssh.privateKeyPassphrase",
                    "got a text that does not open the private key, expected its passphrase",
                ),
            );
        },
    );

    it("name a passphrase of a key that has none: an option that does nothing is a mistake", () => {
        expect(faults(keyPair("-t", "ed25519", "-N", "").privateKey, "HUSH")).toEqual(
            at("ssh.privateKeyPassphrase", "got a passphrase, expected none, because the private key has none"),
        );
    });

    it("name a cipher that the program does not read", () => {
        const { privateKey } = locked("-t", "ed25519", "-Z", "aes256-gcm@openssh.com");
        const [{ reason }] = faults(privateKey, PASSPHRASE);
        expect(reason).toContain("got a key with a passphrase and the cipher aes256-gcm@openssh.com");
        expect(reason).toContain("ssh-keygen -p -Z aes256-ctr");
    });
});

describe("a key or a passphrase that comes later", () => {
    // An output that fails has several promises, and each of them is refused.
    collectRefusals(beforeEach, afterEach);
    afterEach(() => sleep(10));
    const late = (value: string): pulumi.Output<string> => pulumi.output(Promise.resolve(value));
    const openedKey = (args: SshArgs) => sshAccess(args).apply(({ privateKey }) => privateKey);
    const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
        (output as unknown as { promise(): Promise<T> }).promise();

    it("opens the key, which is a secret", async () => {
        const { privateKey } = locked("-t", "ed25519");
        const opened = openPrivateKey(privateKey, PASSPHRASE);
        for (const args of [
            { privateKey, privateKeyPassphrase: PASSPHRASE },
            { privateKey, privateKeyPassphrase: late(PASSPHRASE) },
            { privateKey: late(privateKey), privateKeyPassphrase: late(PASSPHRASE) },
        ]) {
            expect(privateKeyFaults("ssh", args)).toEqual([]);
            expect(await valueOf(openedKey(args))).toBe(opened);
            expect(await pulumi.isSecret(openedKey(args))).toBe(true);
        }
    });

    it("is refused when it is known, with the same words", async () => {
        const { privateKey } = locked("-t", "ed25519");
        await expect(valueOf(openedKey({ privateKey, privateKeyPassphrase: late("HUSH") }))).rejects.toThrowError(
            /^the SSH options: 1 fault; no host was contacted\n {2}ssh.privateKeyPassphrase: got a text that does not open[^]*$/,
        );
        await expect(valueOf(openedKey({ privateKey: late(privateKey) }))).rejects.toThrowError(
            /ssh.privateKey: got a key with a passphrase, expected its passphrase in ssh.privateKeyPassphrase/,
        );
    });
});

describe("a stack's configuration", () => {
    const read = (ssh: object) => {
        const controlPlaneNodes = [{ name: "cp1", address: "192.0.2.11" }];
        const config = { ssh: { insecureSkipHostKeyCheck: true, ...ssh }, controlPlaneNodes };
        const texts = Object.entries(config).map(([key, value]) => [`test:${key}`, JSON.stringify(value)]);
        pulumi.runtime.setAllConfig(Object.fromEntries(texts));
        return clusterArgsFromConfig(new pulumi.Config("test"));
    };

    it("has the passphrase of a key's file as a secret", async () => {
        const { file } = locked("-t", "ed25519");
        const { ssh } = await read({ privateKeyFile: file, privateKeyPassphrase: PASSPHRASE });
        for (const secret of [ssh.privateKey, ssh.privateKeyPassphrase]) {
            expect(await pulumi.isSecret(pulumi.output(secret))).toBe(true);
        }
    });

    it("names the key's file, and shows no secret", async () => {
        const { file } = locked("-t", "ed25519");
        await expect(read({ privateKeyFile: file })).rejects.toThrowError(
            /1 fault;[^]*ssh.privateKeyFile: got a key with a passphrase, expected its passphrase in ssh.privateKeyPassphrase/,
        );
        for (const wrong of ["HUSH", 12345]) {
            const message = await read({ privateKeyFile: file, privateKeyPassphrase: wrong }).catch(String);
            expect(message).toMatch(/ssh.privateKeyPassphrase: got a (text|number) that /);
            expect(message).not.toMatch(/HUSH|12345/);
        }
    });
});
