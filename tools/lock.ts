import { spawn } from "child_process";
import { once } from "events";
import * as fs from "fs";
import * as path from "path";
import { Report } from "./progress";
import { UserError } from "./userError";

/** The wait after which the holder is reported. Most locks are released sooner. */
const SILENCE_MS = 1000;

/** flock's exit code when the time limit expired; flock does not use it for anything else. */
const EXPIRED = 75;

export interface LockOptions {
    /** The longest wait for another process. @default no limit */
    limitSeconds?: number;
}

/**
 * Runs a step while no other process runs one under the same lock file. The kernel releases the lock when this process
 * closes the file or ends, even if it is killed. So a lock is never stale. The file contains the process id of its last
 * holder.
 */
export async function withLock<T>(
    file: string,
    report: Report,
    step: () => Promise<T>,
    { limitSeconds }: LockOptions = {},
): Promise<T> {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const descriptor = fs.openSync(file, "a+");
    try {
        await lock(descriptor, file, report, limitSeconds);
        fs.ftruncateSync(descriptor);
        fs.writeSync(descriptor, `${process.pid}\n`);
        return await step();
    } finally {
        fs.closeSync(descriptor);
    }
}

/** Locks the open file. The lock belongs to the file as this process opened it, so it remains when flock(1) ends. */
async function lock(descriptor: number, file: string, report: Report, limitSeconds?: number): Promise<void> {
    const limit = limitSeconds === undefined ? [] : ["--timeout", String(limitSeconds)];
    const flock = spawn("flock", ["--conflict-exit-code", String(EXPIRED), ...limit, "3"], {
        stdio: ["ignore", "ignore", "inherit", descriptor],
    });
    const waiting = setTimeout(() => report(`waiting for ${holderOf(file)} (lock ${file})`), SILENCE_MS);
    const [code, signal] = (await once(flock, "close").finally(() => clearTimeout(waiting))) as [
        number | null,
        NodeJS.Signals | null,
    ];
    if (code === EXPIRED) {
        throw new UserError(`lock ${file}: ${holderOf(file)} has held it for more than ${limitSeconds} s`);
    }
    if (code !== 0) {
        throw new UserError(`lock ${file}: flock (package util-linux) ended with ${signal ?? `status ${code}`}`);
    }
}

function holderOf(file: string): string {
    const pid = fs.readFileSync(file, "utf8").trim();
    return pid ? `process ${pid}` : "another process";
}
