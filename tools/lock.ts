import { spawn } from "child_process";
import { once } from "events";
import * as fs from "fs";
import * as path from "path";
import { Report } from "./progress";

const patienceMilliseconds = 1000;

/**
 * Runs a step while no other process runs one under the same lock file. The kernel holds the lock for a `flock` that
 * lives as long as its stdin, which closes when this process ends, however it ends: there are no stale locks.
 */
export async function withLock<T>(file: string, report: Report, step: () => Promise<T>): Promise<T> {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const holder = spawn("flock", [file, "sh", "-c", "echo locked && exec cat"], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    const waiting = setTimeout(() => report(`waiting for another process (lock ${file})`), patienceMilliseconds);
    try {
        await Promise.race([once(holder.stdout, "data"), failure(holder, file)]);
        clearTimeout(waiting);
        return await step();
    } finally {
        clearTimeout(waiting);
        holder.stdin.end();
    }
}

async function failure(holder: ReturnType<typeof spawn>, file: string): Promise<never> {
    const [code] = await once(holder, "close");
    throw new Error(`lock ${file}: flock (package util-linux) ended with status ${code} before it held the lock`);
}
