import { ChildProcess, spawn } from "child_process";
import { UserError } from "./userError";

export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}

/** Where a command runs. */
export interface Surroundings {
    cwd?: string;
    /** Added to this process's own environment. */
    env?: NodeJS.ProcessEnv;
}

export interface CaptureOptions extends Surroundings {
    /** The text on the command's standard input. @default none */
    input?: string;
    timeoutMs?: number;
}

export interface PassThroughOptions extends Surroundings {
    /** Receives standard output line by line; without it the command prints to the caller's standard output. */
    onLine?: (line: string) => void;
    /** False gives the command no standard input, and leaves signals to this process's defaults. @default true */
    interactive?: boolean;
}

/** The exit code of a command that exceeded its time limit, as timeout(1) reports it. */
const TIMED_OUT = 124;

/** The time between SIGTERM and SIGKILL for a command that exceeded its time limit. */
const GRACE_MS = 2000;

/** How many lines of a failed command's output its error shows: enough for a compiler's messages. */
const SHOWN_LINES = 40;

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a command to its end and collects its output. A command that fails is an outcome, not an exception. */
export function capture(argv: string[], options: CaptureOptions = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
        const { input = "", timeoutMs } = options;
        // A command with a time limit gets a process group of its own, because the limit ends its children too.
        const child = spawn(argv[0], argv.slice(1), { ...within(options), detached: timeoutMs !== undefined });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let expired = false;
        const expire = (): void => {
            expired = true;
            endGroup(child);
        };
        const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
        child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
        child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
        // A command that ends before it has read its input closes the pipe. The command's exit code says whether it failed.
        child.stdin.on("error", () => undefined);
        child.stdin.end(input);
        child.on("error", (error) => {
            clearTimeout(timer);
            reject(new UserError(`${argv[0]}: ${error.message}`));
        });
        child.on("close", (code, signal) => {
            clearTimeout(timer);
            resolve({
                code: expired ? TIMED_OUT : exitCode(code, signal),
                stdout: Buffer.concat(out).toString(),
                stderr: Buffer.concat(err).toString(),
            });
        });
    });
}

/** Runs a command that must succeed. Returns its standard output; throws an error that names the step `what`. */
export async function must(what: string, argv: string[], options: CaptureOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await capture(argv, options);
    if (code !== 0) {
        const limit = code === TIMED_OUT && options.timeoutMs ? `, time limit ${options.timeoutMs / 1000} s` : "";
        const output = (stderr.trim() || stdout.trim()).split("\n").slice(-SHOWN_LINES).join("\n    ");
        throw new UserError(`${what} failed (${argv[0]}, exit ${code}${limit}): ${output}`);
    }
    return stdout;
}

/** Runs a command on the caller's own terminal and returns its exit code. */
export function passThrough(argv: string[], options: PassThroughOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
        const { onLine, interactive = true } = options;
        const child = spawn(argv[0], argv.slice(1), {
            ...within(options),
            stdio: [interactive ? "inherit" : "ignore", onLine ? "pipe" : "inherit", "inherit"],
        });
        if (onLine) readLines(child, onLine);
        const restoreSignals = interactive ? leaveSignalsTo(child) : () => undefined;
        child.on("error", (error) => {
            restoreSignals();
            reject(new UserError(`${argv[0]}: ${error.message}`));
        });
        child.on("close", (code, signal) => {
            restoreSignals();
            resolve(exitCode(code, signal));
        });
    });
}

const within = ({ cwd, env }: Surroundings): Surroundings => ({ cwd, env: { ...process.env, ...env } });

/** Ends the process group that the child leads. */
function endGroup({ pid }: ChildProcess): void {
    const signal = (name: NodeJS.Signals): void => {
        try {
            process.kill(-(pid as number), name);
        } catch {
            // Every process of the group has ended already.
        }
    };
    signal("SIGTERM");
    setTimeout(() => signal("SIGKILL"), GRACE_MS).unref();
}

/** Makes this process wait for the child after a signal. Returns a function that restores the defaults. */
function leaveSignalsTo(child: ChildProcess): () => void {
    // The terminal sends Ctrl-C to the child as well.
    const ignore = (): void => undefined;
    const forward = (): void => void child.kill("SIGTERM");
    process.on("SIGINT", ignore).on("SIGTERM", forward);
    return () => void process.off("SIGINT", ignore).off("SIGTERM", forward);
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
    let rest = "";
    child.stdout?.on("data", (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split("\n");
        rest = lines.pop() as string;
        lines.forEach(onLine);
    });
    child.stdout?.on("end", () => {
        if (rest !== "") onLine(rest);
    });
}

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
    code ?? 128 + ((signal && SIGNAL_NUMBERS[signal]) || 1);

/** Polls until `check` returns true. The error names what was awaited, and for how long. */
export async function waitFor(
    what: string,
    timeoutMs: number,
    check: () => boolean | Promise<boolean>,
    everyMs = 50,
): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await check())) {
        if (Date.now() > deadline) {
            throw new UserError(`waited ${timeoutMs / 1000} s for ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
}
