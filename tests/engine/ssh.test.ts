import { execFileSync, spawn } from "child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "fs";
import * as path from "path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { RELEASE } from "../../components/host/claim";
import { preamble } from "../../components/host/contract";
import { COPY_SCRIPT } from "../../components/host/copy";
import { accessParameters, dialParameters } from "../../components/host/dial";
import { OnRemoval } from "../../components/model/hosts";
import { resolveSetup } from "../../components/model/hostSetup";
import { SshAccess, SshArgs } from "../../components/model/ssh";
import { waitFor } from "../../tools/process";
import { keyPair, testFolder } from "../unit/keyPair";
import { pluginStack, succeeded } from "./pluginStack";
import { SshServer, startSshServer } from "./sshServer";

const COMPONENTS = path.resolve(__dirname, "../../components");

let host: SshServer;
let bastion: SshServer;
beforeEach(async () => {
    [host, bastion] = await Promise.all([startSshServer(), startSshServer("PermitTTY no", "ForceCommand false")]);
});

const settings = () => ({
    ...host,
    name: "w1",
    sudoAsks: false,
    privateAddress: "192.0.2.21",
    onRemoval: OnRemoval.Release,
    setup: resolveSetup([]),
});
const through = (changes: Partial<SshServer> = {}): SshAccess => ({
    privateKey: host.privateKey,
    bastion: { ...bastion, ...changes },
});

describe("a command of the operator's ssh", () => {
    /** Runs the release with another command. */
    function dial(access: SshAccess, changes: Partial<SshServer> = {}, socket = "/none") {
        const command = { run: "cat", stdin: "SENT='x'\n", limitSeconds: 30 };
        const input = preamble({
            ...accessParameters(access),
            ...dialParameters({ ...settings(), ...changes }, command),
        });
        const folder = testFolder();
        const env = { ...process.env, HOME: folder, TMPDIR: folder, SHELL: "/bin/false", SSH_AUTH_SOCK: socket };
        return output(["/bin/sh", "-c", `${input}eval "$PROGRAM"`], { ...env, PROGRAM: RELEASE });
    }

    it("goes through the bastion, which needs no shell, with a key for each", async () => {
        expect(await dial(through())).toEqual({ code: 0, text: "SENT='x'\nCLAIM=''\n" });
        expect([bastion.logins(), host.logins()]).toEqual([1, 1]);
    });

    it("takes the keys of an agent, for both", async () => {
        const socket = await startAgent(host.privateKey, bastion.privateKey);
        const access = { bastion: { ...bastion, privateKey: undefined } };
        expect(await dial(access, {}, socket)).toMatchObject({ code: 0 });
        const none = await dial(access, {}, await startAgent());
        expect(none.code).toBe(1);
        expect(none.text).toContain("Permission denied (publickey");
        // A key that is given is the only one.
        const { privateKey } = keyPair("-t", "ed25519", "-N", "");
        expect(await dial({ privateKey }, {}, socket)).toMatchObject({ code: 1 });
    });

    it("refuses another host key, of the bastion and of the host", async () => {
        const { publicKey } = keyPair("-t", "ed25519", "-N", "");
        const wrongBastion = await dial(through({ hostKey: publicKey }));
        expect(wrongBastion.code).toBe(1);
        expect(wrongBastion.text).toContain("Host key verification failed");
        expect([bastion.logins(), host.logins()]).toEqual([0, 0]);
        const wrongHost = await dial(through(), { hostKey: publicKey });
        expect(wrongHost.code).toBe(1);
        expect([bastion.logins(), host.logins()]).toEqual([1, 0]);
    });

    it("fails where the bastion refuses the login, where it does not forward, and where no sshd answers behind it", async () => {
        const { privateKey } = keyPair("-t", "ed25519", "-N", "");
        expect((await dial(through({ privateKey }))).text).toContain("Permission denied (publickey");
        const closed = await startSshServer("AllowTcpForwarding no");
        expect((await dial(through(closed))).text).toContain("administratively prohibited");
        const refused = await dial(through(), { port: 1 });
        expect(refused).toMatchObject({ code: 1 });
        expect(refused.text).toContain("open failed: connect failed: Connection refused");
    });
});

describe("the copy of the scripts", () => {
    /** Copies two scripts by way of an sshd without SFTP, whose logins begin in `home` and are greeted. */
    async function copy(home: string, changes: Partial<SshServer> = {}) {
        const greeting = `cd ${home} && echo '*** all activity is logged ***' && exec sh -c "$SSH_ORIGINAL_COMMAND"`;
        const server = await startSshServer(`ForceCommand ${greeting}`);
        const scripts = testFolder();
        cpSync(path.resolve(__dirname, "../../components/scripts/local"), path.join(scripts, "local"), {
            recursive: true,
        });
        mkdirSync(path.join(scripts, "lib"));
        writeFileSync(path.join(scripts, "run.sh"), "echo $1 \\n 'quoted'\n");
        writeFileSync(path.join(scripts, "lib/more.sh"), "cat <<EOF\n$HOME\nEOF\n");
        const command = { run: "sh -s", stdin: "", limitSeconds: 30 };
        const input = preamble({
            ...accessParameters({ privateKey: server.privateKey }),
            ...dialParameters({ ...settings(), ...server, ...changes }, command),
            ...{ SCRIPTS: scripts, SCRIPTS_DIGEST: "0", TARGET: ".toolkit", TRIES: 2 },
        });
        const env = { ...process.env, SSH_AUTH_SOCK: "/none", PROGRAM: COPY_SCRIPT };
        const ended = await output(["/bin/sh", "-c", `${input}eval "$PROGRAM"`], env);
        const read = (name: string) => readFileSync(path.join(home, ".toolkit", name), "utf8");
        return { ...ended, scripts, read, logins: server.logins() };
    }

    it("needs no SFTP, is not disturbed by a greeting, and takes the place of the former copy", async () => {
        const home = testFolder();
        for (let i = 0; i < 2; i++) {
            const { code, read, scripts } = await copy(home);
            expect(code).toBe(0);
            for (const name of ["run.sh", "lib/more.sh"]) {
                expect(read(name)).toBe(readFileSync(path.join(scripts, name), "utf8"));
            }
            writeFileSync(path.join(home, ".toolkit/old.sh"), "");
        }
        expect(existsSync(path.join(home, ".toolkit.new"))).toBe(false);
        expect((await copy(home)).code).toBe(0);
        expect(existsSync(path.join(home, ".toolkit/old.sh"))).toBe(false);
    });

    it("calls a host that does not answer again, and names it", async () => {
        const { code, text } = await copy(testFolder(), { port: 1 });
        expect(code).toBe(1);
        expect(text.match(/Connection refused/g)).toHaveLength(2);
        expect(text).toMatch(/w1 \(127\.0\.0\.1\): error: no login as \w+; see what ssh says above\n$/);
    });

    it("calls a host once that refuses the login, or where the copy cannot be written", async () => {
        const { publicKey } = keyPair("-t", "ed25519", "-N", "");
        const changed = await copy(testFolder(), { hostKey: publicKey });
        expect(changed).toMatchObject({ code: 1, logins: 0 });
        expect(changed.text).toContain("w1 (127.0.0.1): error: no login as");
        const full = await copy("/proc");
        expect(full).toMatchObject({ code: 1, logins: 1 });
        expect(full.text).toContain(
            "w1 (127.0.0.1): error: the scripts could not be written to .toolkit in the home of",
        );
    });
});

describe("a step of the provider", () => {
    const program = (ssh: SshArgs) => `
        const pulumi = require("@pulumi/pulumi");
        const { remote } = require("@pulumi/command");
        const { connectionTo } = require("${COMPONENTS}/host/connection.ts");
        const { sshAccess } = require("${COMPONENTS}/model/ssh.ts");
        const settings = pulumi.output(${JSON.stringify(settings())});
        const connection = connectionTo(settings, sshAccess(${JSON.stringify(ssh)}));
        const step = new remote.Command("step", { connection, create: "echo created", update: "echo updated" });
        exports.said = step.stdout;
    `;

    async function newStack() {
        const { pulumi, write } = await pluginStack();
        const up = async (ssh: SshArgs, more?: NodeJS.ProcessEnv): Promise<string> => {
            write(program(ssh));
            return succeeded(await pulumi(["up", "--yes", "--skip-preview"], more));
        };
        return { pulumi, up };
    }

    it("takes the keys of an agent, and another socket of it is no change", async () => {
        const { up } = await newStack();
        const ssh = { agent: true, bastion: { ...bastion, privateKey: undefined } };
        const [first, second] = [await startAgent(host.privateKey, bastion.privateKey), await startAgent()];
        expect(await up(ssh, { SSH_AUTH_SOCK: first })).toMatch(/said: *"created"/);
        expect(await up(ssh, { SSH_AUTH_SOCK: second })).toMatch(/2 unchanged/);
        expect([bastion.logins(), host.logins()]).toEqual([1, 1]);
    });

    it("goes through the bastion with a key that had a passphrase, and is updated where the bastion changes", async () => {
        const { pulumi, up } = await newStack();
        const key = { privateKey: locked(host.privateKey, "passphrase"), privateKeyPassphrase: "passphrase" };
        expect(await up({ ...key, bastion })).toMatch(/said: *"created"/);
        expect([bastion.logins(), host.logins()]).toEqual([1, 1]);
        expect(await up({ ...key, bastion })).toMatch(/2 unchanged/);
        expect(await up(key)).toMatch(/said *: "created" => "updated"[^]*1 updated/);
        expect([bastion.logins(), host.logins()]).toEqual([1, 2]);
        expect(succeeded(await pulumi(["stack", "export"]))).not.toContain("PRIVATE KEY");
    });
});

/** A private key that gets a passphrase. */
function locked(privateKey: string, passphrase: string): string {
    const file = path.join(testFolder(), "key");
    writeFileSync(file, privateKey, { mode: 0o600 });
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", file]);
    return readFileSync(file, "utf8");
}

/** The socket of an ssh-agent with these keys. It ends with the test. */
async function startAgent(...privateKeys: string[]): Promise<string> {
    const socket = path.join(testFolder(), "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    onTestFinished(() => void agent.kill());
    await waitFor("ssh-agent", 30_000, () => existsSync(socket));
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (const input of privateKeys) execFileSync("ssh-add", ["-q", "-"], { input, env });
    return socket;
}

/** The exit code of a process, and all that it says. */
const output = (
    [program, ...words]: string[],
    env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; text: string }> =>
    new Promise((resolve) => {
        let text = "";
        const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
        [child.stdout, child.stderr].forEach((stream) =>
            stream.on("data", (data: Buffer) => (text += data.toString())),
        );
        child.on("close", (code) => resolve({ code, text }));
    });
