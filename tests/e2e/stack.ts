import { spawn } from "child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "fs";
import * as path from "path";
import { gunzipSync } from "zlib";
import { parse, stringify } from "yaml";
import * as lab from "../../lab/api";
import { backendUrl } from "../../lab/operator";
import { LAB_DIR, LAB_FILES, REPO_DIR } from "../../lab/paths";
import type { Outcome } from "../../tools/process";
import { unwrapped } from "../unwrapped";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const HOSTS = ["lb1", "cp1", "cp2", "cp3", "w1", "w2"];

/** A stack's configuration as a person writes it, by key without the project's name. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests write right and wrong values into it
export type Config = Record<string, any>;

export function devConfig(): Config {
    const { config } = parse(readFileSync(path.join(REPO_DIR, "Pulumi.dev.yaml"), "utf8"));
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("pulumi-kubeadm:", ""), value]),
    );
}

/** `pulumi` on the lab's stack, with a configuration of the test's own. */
export class Stack {
    private readonly file: string;

    /** @param state the folder of Pulumi's state, where it is a copy of the lab's */
    constructor(
        public config: Config,
        private readonly state?: string,
    ) {
        this.file = path.join(LAB_DIR, "e2e", `Pulumi.${path.basename(state ?? "dev")}.yaml`);
    }

    up = (...flags: string[]): Promise<Outcome> =>
        this.pulumi("up", "--yes", "--skip-preview", "--continue-on-error", ...flags);
    /** Without a flag: the first step that fails ends it. */
    plainUp = (): Promise<Outcome> => this.pulumi("up", "--yes");
    preview = (...flags: string[]): Promise<Outcome> => this.pulumi("preview", ...flags);
    /** On purpose: what a cluster cannot live without is protected. */
    async destroy(): Promise<Outcome> {
        const unprotected = await lab.run(["pulumi", "state", "unprotect", "--all", "--yes", "--stack", "dev"]);
        return unprotected.code === 0 ? this.pulumi("destroy", "--yes", "--skip-preview") : unprotected;
    }
    /** As docs/runbooks.md has it for a run that was killed. Until then the state keeps what was being created, a destroy included. */
    clearPendingCreates = (): Promise<Outcome> =>
        this.pulumi("refresh", "--clear-pending-creates", "--skip-preview", "--yes");
    /** Without taking the protection away; its preview is what refuses (tests/engine/protect.test.ts). */
    destroyProtected = (): Promise<Outcome> => this.pulumi("destroy", "--yes");

    /** Starts an `up` and kills its engine once this can be seen on a host. */
    upKilledWhen = (what: string, seen: () => Promise<unknown>, ...flags: string[]): Promise<boolean> =>
        this.upKilled(() => eventually(300, what, seen), ...flags);

    /** Kills it at a random moment between two times, in milliseconds after its start, unless it has ended before. */
    async upKilledAtRandom(from: number, to: number): Promise<void> {
        const ms = Math.round(from + Math.random() * (to - from));
        const killed = await this.upKilled(() => pause(ms));
        process.stdout.write(`[kill] ${ms} ms after its start${killed ? "" : ": it had ended"}\n`);
    }

    /** Kills it as soon as the engine says that this resource is made or changed; false when the `up` ended without. */
    upKilledAt = (resource: string): Promise<boolean> =>
        this.upKilled(async (output) => {
            const done = new RegExp(` ${resource} (created|updated|replaced)`);
            for (const until = Date.now() + 900_000; !done.test(output()) && Date.now() < until;) await pause(20);
        });

    private async upKilled(moment: (output: () => string) => Promise<unknown>, ...flags: string[]): Promise<boolean> {
        this.writeConfig();
        const up = ["pulumi", "up", "--yes", "--skip-preview", ...this.flags(), ...flags];
        const [argv, { env }] = await lab.runSpawn(up);
        const engine = spawn(argv[0], argv.slice(1), {
            env,
            cwd: process.cwd(),
            detached: true,
            stdio: ["ignore", "pipe", "ignore"],
        });
        let output = "";
        engine.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        const ended = new Promise<false>((resolve) => engine.on("close", () => resolve(false)));
        const killed = await Promise.race([moment(() => output).then(() => true), ended]);
        if (killed) process.kill(-engine.pid!, "SIGKILL");
        await ended;
        return killed;
    }

    private pulumi(verb: string, ...flags: string[]): Promise<Outcome> {
        this.writeConfig();
        const env = this.state === undefined ? {} : { PULUMI_BACKEND_URL: backendUrl(this.state) };
        return lab.run(["pulumi", verb, ...this.flags(), ...flags], { timeoutMs: 900_000, env });
    }

    private flags = (): string[] => [
        "--stack",
        "dev",
        "--config-file",
        this.file,
        "--non-interactive",
        "--color",
        "never",
    ];

    private writeConfig(): void {
        const { encryptionsalt } = parse(readFileSync(path.join(REPO_DIR, "Pulumi.dev.yaml"), "utf8"));
        const config = Object.fromEntries(
            Object.entries(this.config).map(([key, value]) => [`pulumi-kubeadm:${key}`, value]),
        );
        mkdirSync(path.dirname(this.file), { recursive: true });
        writeFileSync(this.file, stringify({ config, encryptionsalt }));
    }

    async output(name: string): Promise<string> {
        const { stdout } = await lab.run(["pulumi", "stack", "output", name, "--show-secrets", "--stack", "dev"]);
        return stdout.trim();
    }

    /** A resource's output that is a secret. */
    async secret(resource: string, property: string): Promise<string> {
        const { stdout } = await lab.run(["pulumi", "stack", "export", "--show-secrets", "--stack", "dev"]);
        const { resources } = JSON.parse(stdout).deployment;
        const found = resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${resource}`));
        return JSON.parse(found.outputs[property].plaintext);
    }

    /** The state as Pulumi keeps it on disk, compressed. */
    stateFile = (): string => path.join(LAB_FILES.state, ".pulumi/stacks/pulumi-kubeadm/dev.json.gz");
    storedBytes = (): number => statSync(this.stateFile()).size;

    resources(): { urn: string; type: string }[] {
        if (!existsSync(this.stateFile())) return [];
        return JSON.parse(gunzipSync(readFileSync(this.stateFile())).toString()).checkpoint.latest?.resources ?? [];
    }

    /** Applies a manifest's text. */
    async apply(manifest: string): Promise<void> {
        const file = path.join(LAB_DIR, "e2e", "manifest.yaml");
        writeFileSync(file, manifest);
        await kubectl("apply", "-f", file);
    }

    async useKubeconfig(): Promise<void> {
        writeFileSync(LAB_FILES.kubeconfig, await this.output("kubeconfig"), { mode: 0o600 });
    }
}

/** What a program printed, in one text, for assertions on what a person reads. */
export const said = ({ stdout, stderr }: Outcome): string => unwrapped(`${stdout}\n${stderr}`);

export async function kubectl(...words: string[]): Promise<string> {
    const outcome = await lab.run(["kubectl", "--request-timeout", "10s", ...words], { timeoutMs: 300_000 });
    if (outcome.code !== 0) throw new Error(`kubectl ${words.join(" ")}: ${outcome.stderr}`);
    return outcome.stdout.trim();
}

export async function onHost(host: string, script: string, input?: string): Promise<string> {
    const outcome = await lab.exec(host, script, { input });
    if (outcome.code !== 0) throw new Error(`${host}: ${script}: ${outcome.stderr}`);
    return outcome.stdout.trim();
}

export async function sshConnections(hosts = HOSTS): Promise<number> {
    const counts = await Promise.all(hosts.map(lab.sshConnectionCount));
    return counts.reduce((sum, count) => sum + count, 0);
}

/** Polls until it holds; the last error is the reason when it does not. */
export async function eventually<T>(seconds: number, what: string, look: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        try {
            return await look();
        } catch (error) {
            if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds}s: ${(error as Error).message}`);
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
    }
}

/** Whether Pulumi's diagnostics name an error under this very step, below what the step itself said. */
export const stepFailed = (outcome: Outcome, step: string): boolean =>
    new RegExp(`\\(cluster-${step}\\):\\n(?: {4}.*\\n)*? {4}error:`).test(said(outcome));
