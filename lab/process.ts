import { spawn } from "child_process";

/** A failure whose message is all the user needs: printed as one line, without a stack. */
export class LabError extends Error {}

export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}

export interface CaptureOptions {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: string;
    timeoutMs?: number;
}

/** Code reported for a command that ran out of time, as timeout(1) does. */
const timedOut = 124;

/** Runs a command to its end and collects what it prints. A failing command is an outcome, not an exception. */
export function capture(argv: string[], options: CaptureOptions = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
        const { cwd, env, timeoutMs } = options;
        // A group of its own, so that running out of time ends what the command had started as well.
        const child = spawn(argv[0], argv.slice(1), { cwd, env, detached: timeoutMs !== undefined });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let expired = false;
        const expire = (): void => {
            expired = true;
            endGroup(child.pid);
        };
        const timer = timeoutMs ? setTimeout(expire, timeoutMs) : undefined;
        child.stdout.on("data", (chunk) => out.push(chunk));
        child.stderr.on("data", (chunk) => err.push(chunk));
        // A command that ends without reading its input closes the pipe; its exit code tells what matters.
        child.stdin.on("error", () => undefined);
        child.stdin.end(options.input ?? "");
        child.on("error", (error) => reject(new LabError(`${argv[0]}: ${error.message}`)));
        child.on("close", (code, signal) => {
            clearTimeout(timer);
            resolve({
                code: expired ? timedOut : (code ?? exitCodeOf(signal)),
                stdout: Buffer.concat(out).toString(),
                stderr: Buffer.concat(err).toString(),
            });
        });
    });
}

function endGroup(leader: number | undefined): void {
    const signal = (name: NodeJS.Signals): void => {
        try {
            process.kill(-(leader as number), name);
        } catch {
            // All of it has ended meanwhile.
        }
    };
    signal("SIGTERM");
    setTimeout(() => signal("SIGKILL"), 2000).unref();
}

/** Runs a command that has to succeed; `what` names the step in the error. Returns its standard output. */
export async function must(what: string, argv: string[], options: CaptureOptions = {}): Promise<string> {
    const outcome = await capture(argv, options);
    if (outcome.code !== 0) {
        const said = (outcome.stderr.trim() || outcome.stdout.trim()).split("\n").slice(-6).join("\n    ");
        throw new LabError(`${what} failed (${argv[0]}, exit ${outcome.code}): ${said}`);
    }
    return outcome.stdout;
}

/** Runs a command on the caller's own terminal and returns its exit code. */
export function passThrough(argv: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(argv[0], argv.slice(1), { ...options, stdio: "inherit" });
        // Ctrl-C reaches the child by the terminal; this process only waits for it to end.
        process.on("SIGINT", () => undefined);
        process.on("SIGTERM", () => child.kill("SIGTERM"));
        child.on("error", (error) => reject(new LabError(`${argv[0]}: ${error.message}`)));
        child.on("close", (code, signal) => resolve(code ?? exitCodeOf(signal)));
    });
}

function exitCodeOf(signal: NodeJS.Signals | null): number {
    const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
    return 128 + ((signal && numbers[signal]) || 1);
}

/** Polls until `check` holds; the bound and the reason are part of the error. */
export async function waitFor(
    what: string,
    timeoutMs: number,
    check: () => boolean | Promise<boolean>,
    everyMs = 50,
): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await check())) {
        if (Date.now() > deadline) {
            throw new LabError(`waited ${timeoutMs / 1000} s for ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
}
