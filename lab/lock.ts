import * as fs from "fs";
import * as path from "path";
import { runDir } from "./paths";
import { LabError } from "./process";
import type { Report } from "./report";

const lockFile = path.join(runDir, "lock");

/** A cold `up` builds for some minutes; whoever waits longer than this waits for something stuck. */
const patienceMs = 45 * 60_000;

/** A process and the moment it started: a number alone may be another's by now. */
function identity(pid: number): string | undefined {
    try {
        const afterName = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop() ?? "";
        return `${pid} ${afterName.split(" ")[19]}`;
    } catch {
        return undefined;
    }
}

function tryLock(): string | undefined {
    fs.mkdirSync(runDir, { recursive: true });
    try {
        fs.writeFileSync(lockFile, identity(process.pid) ?? "", { flag: "wx" });
        return undefined;
    } catch {
        return fs.existsSync(lockFile) ? fs.readFileSync(lockFile, "utf8") : "";
    }
}

/** One `up` or `down` at a time on a machine, from whichever checkout. A holder that died holds nothing. */
export async function withLock<T>(say: Report, action: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + patienceMs;
    let announced = false;
    for (let holder = tryLock(); holder !== undefined; holder = tryLock()) {
        const pid = Number(holder.split(" ")[0]);
        if (identity(pid) !== holder) {
            fs.rmSync(lockFile, { force: true });
            continue;
        }
        if (Date.now() > deadline) {
            throw new LabError(`process ${pid} has held the lab's lock for too long`);
        }
        if (!announced) {
            say(`waiting for another lab command (process ${pid})`);
            announced = true;
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
    try {
        return await action();
    } finally {
        fs.rmSync(lockFile, { force: true });
    }
}
