import { spawnSync } from "child_process";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { preamble } from "../../components/host/contract";
import { RELEASE } from "../../components/host/claim";
import { accessParameters } from "../../components/host/dial";
import { Bastion } from "../../components/model/bastion";

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "release-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);

/** Runs the release with an ssh that does what `script` says, and writes down how it was called. */
function release(script: string, changes: Record<string, string | number> = {}, bastion?: Bastion) {
    const ssh = `#!/bin/bash\nprintf '%s\\n' "$@" >'${at("arguments")}'\ncat >'${at("stdin")}'\n${script}\n`;
    writeFileSync(at("ssh"), ssh);
    chmodSync(at("ssh"), 0o755);
    const parameters = {
        ...{
            ...accessParameters({ privateKey: "THE KEY", bastion }),
            KNOWN_HOST: "host ssh-ed25519 AAAA",
            STRICT: "yes",
            PORT: 22,
            LOGIN: "ops",
            CONNECT_TIMEOUT: 5,
            LIMIT: 30,
        },
        ...{ NAME: "w1", ADDRESS: "192.0.2.21", RUN: "run.sh release delete", STDIN: preamble({ NODE_NAME: "w1" }) },
        ...changes,
    };
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder };
    const { status, stderr } = spawnSync("/bin/sh", ["-c", 'eval "$(cat)"'], {
        input: `${preamble(parameters)}eval "$PROGRAM"`,
        env: { ...env, PROGRAM: RELEASE, PULUMI_COMMAND_STDOUT: "0123abcd" },
        encoding: "utf8",
        timeout: 30_000,
    });
    return { code: status, stderr };
}

const fails = (...lines: string[]) => `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >&2; exit 255`;

describe("a release", () => {
    it("sends the host's identity and its claim, and leaves no key behind", () => {
        expect(release("exit 0").code).toBe(0);
        expect(readFileSync(at("stdin"), "utf8")).toBe("NODE_NAME='w1'\nCLAIM='0123abcd'\n");
        expect(spawnSync("ls", [folder], { encoding: "utf8" }).stdout.split("\n").filter(Boolean).sort()).toEqual([
            "arguments",
            "ssh",
            "stdin",
        ]);
    });

    it("uses its key and no agent, or the agent and no key", () => {
        release("exit 0");
        expect(readFileSync(at("arguments"), "utf8")).toContain("\nIdentityAgent=none\n");
        release("exit 0", accessParameters({}));
        expect(readFileSync(at("arguments"), "utf8")).toContain("\nIdentityAgent=SSH_AUTH_SOCK\n");
    });

    it("pins the host's key, and passes a login that looks like an option as a login", () => {
        release("exit 0", { LOGIN: "-oProxyCommand=id" });
        const words = readFileSync(at("arguments"), "utf8").split("\n");
        expect(words).toContain("StrictHostKeyChecking=yes");
        expect(words[words.indexOf("-l") + 1]).toBe("-oProxyCommand=id");
        expect(words.slice(-4)).toEqual(["--", "192.0.2.21", "run.sh release delete", ""]);
    });

    it.each(["Connection timed out", "No route to host", "Operation timed out", "Host is down"])(
        "takes '%s' for a machine that is powered off",
        (reason) => {
            const { code, stderr } = release(fails(`ssh: connect to host 192.0.2.21 port 22: ${reason}`));
            expect(code).toBe(0);
            expect(stderr).toContain("w1 (192.0.2.21): warning: the host did not answer; it was left as it is");
        },
    );

    it.each([
        ["a refused login", "ops@192.0.2.21: Permission denied (publickey)."],
        ["a changed host key", "Host key verification failed."],
        ["an unreadable key", 'Load key "key": error in libcrypto'],
        ["a host without sshd", "ssh: connect to host 192.0.2.21 port 22: Connection refused"],
        ["a name that does not resolve", "ssh: Could not resolve hostname w1: Name or service not known"],
        ["a connection that was cut", "Timeout, server 192.0.2.21 not responding."],
    ])("fails for %s, and says so", (_, line) => {
        const { code, stderr } = release(fails(line));
        expect(code).toBe(1);
        expect(stderr).toContain(`w1 (192.0.2.21): ${line}\n`);
        expect(stderr).toContain("w1 (192.0.2.21): error: ssh could not release the host");
    });

    it("fails when the host's own script fails", () => {
        const { code, stderr } = release("echo '[release] w1: error: could not remove kubelet' >&2; exit 1");
        expect(code).toBe(1);
        expect(stderr).toBe("[release] w1: error: could not remove kubelet\n");
    });

    describe("through a bastion", () => {
        const bastion = {
            address: "198.51.100.1",
            port: 22,
            user: "jump",
            privateKey: "K",
            hostKey: "ssh-ed25519 AAAA",
        };
        const through = (...lines: string[]) => release(fails(...lines), {}, bastion);

        it("waits for the bastion's own word on a host, and leaves no key behind", () => {
            expect(release("exit 0", {}, bastion).code).toBe(0);
            expect(readFileSync(at("arguments"), "utf8")).toContain("\nConnectTimeout=150\n");
            expect(readdirSync(folder).sort()).toEqual(["arguments", "ssh", "stdin"]);
        });

        it("takes a host that the bastion does not reach for a machine that is powered off", () => {
            const { code, stderr } = through(
                "channel 0: open failed: connect failed: No route to host",
                "stdio forwarding failed",
                "Connection closed by UNKNOWN port 65535",
            );
            expect(code).toBe(0);
            expect(stderr).toContain("w1 (192.0.2.21): warning: the host did not answer; it was left as it is");
        });

        it.each([
            ["a bastion that is powered off", "ssh: connect to host 198.51.100.1 port 22: Connection timed out"],
            ["a bastion that does not forward", "channel 0: open failed: administratively prohibited: open failed"],
            ["a host without sshd", "channel 0: open failed: connect failed: Connection refused"],
        ])("fails for %s: it says nothing of the machine", (_, line) => {
            expect(through(line, "Connection closed by UNKNOWN port 65535").code).toBe(1);
        });
    });

    it("ends with an error when the host hangs after the login", () => {
        const started = Date.now();
        const { code, stderr } = release("exec sleep 60", { LIMIT: 2 });
        expect(code).toBe(1);
        expect(stderr).toContain("w1 (192.0.2.21): error: the command did not end within 2 s");
        expect(Date.now() - started).toBeLessThan(10_000);
    });
});
