import { execFileSync, spawn, spawnSync } from "child_process";
import {
    chmodSync,
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { HEAD, Head, ScriptParameters, stepInput } from "../../components/host/contract";
import { ParameterValue } from "../../components/host/parameters";
import { SENT } from "../../tools/scriptParameters";
import { unwrapped } from "../unwrapped";

const SCRIPTS = path.resolve(__dirname, "../../components/scripts");
const FAKES = path.resolve(__dirname, "fakes");

/** The digests of a step's head are sent with that step alone. */
const DIGESTS = ["DESIRED", "NODE_DIGEST", "SECRETS", "PREPARED"];

/** A value of each kind that says nothing. */
const NOTHING = { text: "", number: 0, flag: false, list: [], trigger: "" };

/** The parameters that a step must be sent by one of the tables, each with a value that says nothing. */
export const needed = (key: string): [string, ParameterValue][] =>
    Object.entries(SENT[key] ?? {})
        .filter(([, parameter]) => parameter.default === undefined && parameter.kind !== "trigger")
        .map(([name, { kind }]) => [name, NOTHING[kind]]);

/** A script that bash reads before any other (BASH_ENV). It makes a fake sleep as soon as the last recorded call matches. */
const HOLD = (call: RegExp): string => `[[ $0 == /usr/local/sbin/* ]] || return 0
hold_at='${call.source}'
set -T
trap 'mapfile -t held_calls </fake/calls; [[ "\${held_calls[*]: -1}" =~ $hold_at ]] && sleep 60' DEBUG
`;

export interface Result {
    code: number | null;
    stdout: string;
    stderr: string;
}

/**
 * A host's files without the host: an overlay over this machine's own root, in which the phases run by chroot with fake
 * binaries first on PATH. A fake writes down how it was called and answers as the real one is documented to. What is
 * tested is the scripts' logic; that the real binaries take those calls is the end-to-end suite's.
 */
export class Sandbox {
    private readonly folder = mkdtempSync(path.join(tmpdir(), "sandbox-"));
    public readonly root = path.join(this.folder, "root");
    private head: ScriptParameters = {};
    private prepared: ScriptParameters = {};
    /** Whether a step is also sent the parameters that it must be sent and that a test does not name. */
    public fillsIn = true;
    /** Variables that a login shell has beside those of this process. */
    public environment: Record<string, string> = {};

    constructor() {
        for (const name of ["root", "upper", "work"]) mkdirSync(path.join(this.folder, name));
        const options = `lowerdir=/,upperdir=${this.folder}/upper,workdir=${this.folder}/work`;
        execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, this.root]);
        execFileSync("mount", ["-t", "proc", "proc", path.join(this.root, "proc")]);
        // Copies, not /dev itself: whoever clears up after a run that was killed must not delete this machine's.
        const devices = ["null", "zero", "random", "urandom", "fd", "stdin", "stdout", "stderr"];
        execFileSync("cp", ["-a", ...devices.map((device) => `/dev/${device}`), path.join(this.root, "dev")]);
        this.clear();
        for (const fake of readdirSync(FAKES)) this.install(fake);
        execFileSync("cp", ["-r", SCRIPTS, path.join(this.root, "toolkit")]);
    }

    // This machine may be anything; the host that the scripts see is a plain Debian.
    private clear(): void {
        for (const file of [
            "etc/kubernetes",
            "var/lib/pulumi-kubeadm",
            "var/lib/etcd",
            "etc/containerd",
            "etc/cni",
            "etc/haproxy",
            "etc/keepalived",
        ]) {
            rmSync(path.join(this.root, file), { recursive: true, force: true });
        }
        mkdirSync(path.join(this.root, "fake"));
        mkdirSync(path.join(this.root, "run/systemd/system"), { recursive: true });
        this.write("etc/os-release", "ID=debian\nVERSION_ID=12\n");
        this.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        this.write("fake/calls", "");
        this.write("fake/active-chrony", "");
    }

    private install(fake: string): void {
        const target = path.join(this.root, "usr/local/sbin", fake);
        copyFileSync(path.join(FAKES, fake), target);
        chmodSync(target, 0o755);
    }

    run(phase: string, action: string, parameters: ScriptParameters): Result {
        const { status, stdout, stderr } = spawnSync("chroot", this.command(phase, action), {
            input: this.input(phase, parameters),
            encoding: "utf8",
            env: { ...process.env, ...this.environment },
            timeout: 60_000,
        });
        return { code: status, stdout, stderr: unwrapped(stderr) };
    }

    /** The same, beside what else runs. */
    start(phase: string, action: string, parameters: ScriptParameters): Promise<Result> {
        const child = spawn("chroot", this.command(phase, action));
        const result: Result = { code: null, stdout: "", stderr: "" };
        child.stdout.on("data", (chunk: Buffer) => (result.stdout += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (result.stderr += chunk.toString()));
        child.stdin.end(this.input(phase, parameters));
        return new Promise((resolve) =>
            child.on("close", (code) => resolve({ ...result, stderr: unwrapped(result.stderr), code })),
        );
    }

    /** From now on no wait of the scripts is longer than a second, so that one that is in vain ends soon. */
    hurry(): void {
        const shorter = ["wait_for", "holds_within"].map(
            (name) =>
                `eval "patient_$(declare -f ${name})"\n${name}() { patient_${name} "$(($1 < 1 ? $1 : 1))" "\${@:2}"; }\n`,
        );
        this.write("toolkit/lib/cluster/zz-hurry.sh", shorter.join(""));
    }

    /** Runs a phase that must end well, and returns all that it printed. */
    ok(phase: string, action: string, parameters: ScriptParameters): string {
        const { code, stdout, stderr } = this.run(phase, action, parameters);
        if (code !== 0) throw new Error(`${phase} ${action} ended with ${code}: ${stderr}`);
        return stdout + stderr;
    }

    /**
     * Runs the phase and kills it, and all it started, once a call that matches has been made. The fake that was called so
     * waits for the kill after it has written the call down, before it does anything else.
     */
    async runAndKillAt(
        call: RegExp,
        phase: string,
        action: string,
        parameters: ScriptParameters,
        signal: NodeJS.Signals = "SIGKILL",
    ): Promise<void> {
        this.write("fake/hold", HOLD(call));
        const child = spawn("setsid", ["chroot", ...this.command(phase, action)], {
            stdio: ["pipe", "ignore", "ignore"],
            env: { ...process.env, BASH_ENV: "/fake/hold" },
        });
        child.stdin.end(this.input(phase, parameters));
        const ended = new Promise((resolve) => child.on("close", resolve));
        const called = (): boolean => call.test(this.read("fake/calls"));
        const end = Date.now() + 50_000;
        while (!called() && child.exitCode === null && Date.now() < end) {
            await new Promise((r) => setTimeout(r, 5));
        }
        const wasCalled = called();
        const runs = child.exitCode === null;
        if (runs) process.kill(-child.pid!, signal);
        await ended;
        if (wasCalled && !runs) throw new Error(`the phase ended before it was killed at ${call}`);
        if (!wasCalled) throw new Error(`the phase never called ${call}`);
    }

    /** What names no identity is sent with that of the step before, as the program does. */
    private input(phase: string, parameters: ScriptParameters): string {
        const pick = (keep: (name: string) => boolean): ScriptParameters =>
            Object.fromEntries(Object.entries(parameters).filter(([name]) => keep(name)));
        const isDigest = (name: string): boolean => DIGESTS.includes(name);
        this.head = { ...this.head, ...pick((name) => name in HEAD && !isDigest(name)) };
        const own = pick((name) => !(name in HEAD));
        if (phase === "prepare") this.prepared = own;
        const filled = this.fillsIn ? this.missing(phase, own) : {};
        return stepInput({ ...this.head, ...pick(isDigest) } as unknown as Head, { ...filled, ...own });
    }

    /** The other parameters that the step must be sent: as they were prepared, or with a value that says nothing. */
    private missing(phase: string, parameters: ScriptParameters): ScriptParameters {
        const tables = [...needed(phase), ...needed(`${phase}/${String(this.head.ROLE)}`)];
        return Object.fromEntries(
            tables
                .filter(([name]) => !(name in parameters))
                .map(([name, nothing]) => {
                    const value = this.prepared[name] ?? nothing;
                    // An empty list says something: that nothing is declared.
                    if (value === nothing && Array.isArray(nothing)) throw new Error(`${phase} is not sent ${name}`);
                    return [name, value];
                }),
        );
    }

    private command = (phase: string, action: string): string[] => [
        this.root,
        "/bin/bash",
        "/toolkit/run.sh",
        phase,
        action,
    ];

    /** Calls of the fakes since the last look, "name arguments" each. */
    calls(): string[] {
        const calls = this.read("fake/calls").split("\n").filter(Boolean);
        this.write("fake/calls", "");
        return calls;
    }

    /** Runs a command there. */
    exec = (command: string[]): void => void spawnSync("chroot", [this.root, ...command], { encoding: "utf8" });

    exists = (file: string): boolean => existsSync(path.join(this.root, file));
    read = (file: string): string => readFileSync(path.join(this.root, file), "utf8");
    /** Permissions, in octal. */
    mode = (file: string): string => (statSync(path.join(this.root, file)).mode & 0o777).toString(8);
    write(file: string, text: string): void {
        mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
        writeFileSync(path.join(this.root, file), text);
    }

    remove(): void {
        execFileSync("umount", ["--recursive", "--lazy", this.root]);
        rmSync(this.folder, { recursive: true, force: true });
    }
}
