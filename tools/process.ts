import { spawn } from "child_process";

export interface RunOptions {
    cwd?: string;
    /** Added to this process's own environment. */
    env?: Record<string, string>;
    timeoutSeconds?: number;
}

/** The part of a long output that holds its error. */
const tail = (text: string): string => text.trimEnd().split("\n").slice(-40).join("\n");

/** Runs a command without stdin and returns its stdout; fails with the end of what it printed. */
export function run(what: string, [command, ...args]: string[], options: RunOptions = {}): Promise<string> {
    const { cwd, env, timeoutSeconds } = options;
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
            cwd,
            env: { ...process.env, ...env },
            stdio: ["ignore", "pipe", "pipe"],
            timeout: timeoutSeconds && timeoutSeconds * 1000,
        });
        const [stdout, everything]: Buffer[][] = [[], []];
        child.stdout.on("data", (chunk) => stdout.push(chunk) && everything.push(chunk));
        child.stderr.on("data", (chunk) => everything.push(chunk));
        child.on("error", (error) => reject(new Error(`${what}: ${error.message}`)));
        child.on("close", (code, signal) => {
            if (code === 0) {
                return resolve(Buffer.concat(stdout).toString());
            }
            const said = tail(Buffer.concat(everything).toString());
            reject(new Error(`${what}: ${command} ended with ${signal ?? `status ${code}`}\n${said}`));
        });
    });
}
