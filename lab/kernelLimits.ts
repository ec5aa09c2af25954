import * as fs from "fs";
import * as path from "path";
import { RUN_DIR } from "./paths";

/**
 * Limits of the kernel, which all hosts share. The defaults suffice for one machine; with several kubelets and containerds,
 * programs fail with "too many open files".
 */
const NEEDED: Record<string, number> = {
    "fs/inotify/max_user_instances": 8192,
    "fs/inotify/max_user_watches": 1048576,
};

const setting = (name: string): string => path.join("/proc/sys", name);

const SAVED_FILE = path.join(RUN_DIR, "limits.json");

/** Raises limits that are too low, and saves their values. */
export function raiseKernelLimits(): void {
    const low = Object.keys(NEEDED).filter((name) => Number(fs.readFileSync(setting(name), "utf8")) < NEEDED[name]);
    const saved = low.map((name) => [name, fs.readFileSync(setting(name), "utf8").trim()]);
    fs.writeFileSync(SAVED_FILE, JSON.stringify(Object.fromEntries(saved)));
    low.forEach((name) => fs.writeFileSync(setting(name), String(NEEDED[name])));
}

/** Restores the saved limits, if any. */
export function restoreKernelLimits(): void {
    if (fs.existsSync(SAVED_FILE)) {
        const saved = JSON.parse(fs.readFileSync(SAVED_FILE, "utf8")) as Record<string, string>;
        Object.entries(saved).forEach(([name, value]) => fs.writeFileSync(setting(name), value));
        fs.rmSync(SAVED_FILE);
    }
}
