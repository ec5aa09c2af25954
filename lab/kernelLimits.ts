import * as fs from "fs";
import * as path from "path";
import { runDir } from "./paths";

/**
 * Limits of the kernel, which all hosts share. The defaults suffice for one machine; with several kubelets and containerds,
 * programs fail with "too many open files".
 */
const needed: Record<string, number> = {
    "fs/inotify/max_user_instances": 8192,
    "fs/inotify/max_user_watches": 1048576,
};

const setting = (name: string): string => path.join("/proc/sys", name);

const savedFile = path.join(runDir, "limits.json");

/** Raises limits that are too low, and saves their values. */
export function raiseKernelLimits(): void {
    const low = Object.keys(needed).filter((name) => Number(fs.readFileSync(setting(name), "utf8")) < needed[name]);
    const saved = low.map((name) => [name, fs.readFileSync(setting(name), "utf8").trim()]);
    fs.writeFileSync(savedFile, JSON.stringify(Object.fromEntries(saved)));
    low.forEach((name) => fs.writeFileSync(setting(name), String(needed[name])));
}

/** Restores the saved limits, if any. */
export function restoreKernelLimits(): void {
    if (fs.existsSync(savedFile)) {
        const saved = JSON.parse(fs.readFileSync(savedFile, "utf8")) as Record<string, string>;
        Object.entries(saved).forEach(([name, value]) => fs.writeFileSync(setting(name), value));
        fs.rmSync(savedFile);
    }
}
