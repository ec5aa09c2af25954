import * as fs from "fs";
import * as path from "path";
import { runDir } from "./paths";

/**
 * Limits that all hosts share, because they share a kernel, and that one machine's worth is too low for: with several
 * kubelets and containerds, programs end with "too many open files".
 */
const needed: Record<string, number> = {
    "fs/inotify/max_user_instances": 8192,
    "fs/inotify/max_user_watches": 1048576,
};

const setting = (name: string): string => path.join("/proc/sys", name);

const savedFile = path.join(runDir, "limits.json");

/** Raises what is too low, and remembers what it was. */
export function raiseKernelLimits(): void {
    const low = Object.keys(needed).filter((name) => Number(fs.readFileSync(setting(name), "utf8")) < needed[name]);
    const saved = low.map((name) => [name, fs.readFileSync(setting(name), "utf8").trim()]);
    fs.writeFileSync(savedFile, JSON.stringify(Object.fromEntries(saved)));
    low.forEach((name) => fs.writeFileSync(setting(name), String(needed[name])));
}

export function restoreKernelLimits(): void {
    if (fs.existsSync(savedFile)) {
        const saved = JSON.parse(fs.readFileSync(savedFile, "utf8")) as Record<string, string>;
        Object.entries(saved).forEach(([name, value]) => fs.writeFileSync(setting(name), value));
        fs.rmSync(savedFile);
    }
}
