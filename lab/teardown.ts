import * as fs from "fs";
import * as path from "path";
import { capture, must, waitFor } from "../tools/process";
import { UserError } from "../tools/userError";
import { podman } from "./container";
import { restoreKernelLimits } from "./kernelLimits";
import { BULK_DIR, netnsPath, PREFIX, RUN_DIR } from "./paths";

/** Removes every trace of a lab from this machine, whether it runs, failed, or is left from before a reboot. */
export async function clearMachine(): Promise<void> {
    const namespaces = labNamespaces();
    killProcessesIn(namespaces);
    await capture(podman("rm", "--all", "--force", "--time", "0"));
    await unmountBelow(BULK_DIR);
    await unmountBelow(RUN_DIR);
    for (const namespace of namespaces) {
        await capture(["ip", "netns", "del", namespace]);
        // A reboot leaves the name without its namespace.
        fs.rmSync(netnsPath(namespace), { force: true });
    }
    await removeControlGroups();
    restoreKernelLimits();
    await must("removing the lab's disks", ["rm", "-rf", BULK_DIR]);
    await must("removing podman's records", ["rm", "-rf", path.join(RUN_DIR, "podman")]);
}

const labNamespaces = (): string[] =>
    fs.existsSync("/run/netns")
        ? fs.readdirSync("/run/netns").filter((name) => name === PREFIX || name.startsWith(`${PREFIX}-`))
        : [];

/** Kills all processes in the lab's namespaces, except this process and its ancestors. */
function killProcessesIn(namespaces: string[]): void {
    const inodes = new Set(namespaces.map((namespace) => fs.statSync(netnsPath(namespace)).ino));
    const spared = ancestors(process.pid);
    for (const entry of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
            if (inodes.has(fs.statSync(`/proc/${entry}/ns/net`).ino) && !spared.has(Number(entry))) {
                process.kill(Number(entry), "SIGKILL");
            }
        } catch {
            // The process has ended meanwhile.
        }
    }
}

function ancestors(pid: number): Set<number> {
    const chain = new Set<number>();
    for (let current = pid; current > 1;) {
        chain.add(current);
        const stat = fs.readFileSync(`/proc/${current}/stat`, "utf8");
        current = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    }
    return chain;
}

async function unmountBelow(dir: string): Promise<void> {
    // The innermost mounts first.
    for (const mount of mountsBelow(dir).reverse()) {
        const outcome = await capture(["umount", "--lazy", mount]);
        // A container that ends meanwhile removes its own mounts.
        if (outcome.code !== 0 && mountsBelow(dir).includes(mount)) {
            throw new UserError(`unmounting ${mount} failed: ${outcome.stderr.trim()}`);
        }
    }
}

const mountsBelow = (dir: string): string[] =>
    fs
        .readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .map((line) => line.split(" ")[4] ?? "")
        .filter((mount) => mount.startsWith(`${dir}/`));

/** Removes the containers' control groups, and those that systemd, kubelet and runc created below them. */
async function removeControlGroups(): Promise<void> {
    const hierarchies = fs
        .readdirSync("/sys/fs/cgroup", { withFileTypes: true })
        .filter((entry) => entry.isDirectory());
    const roots = hierarchies.map((entry) => path.join("/sys/fs/cgroup", entry.name, PREFIX));
    const left = roots.filter((root) => fs.existsSync(root));
    if (left.length > 0) {
        // The kernel removes only empty groups. A killed process may stay in its group for a moment.
        await waitFor("the lab's control groups to become empty", 10_000, async () => {
            await capture(["find", ...left, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"]);
            return !left.some((root) => fs.existsSync(root));
        });
    }
}
