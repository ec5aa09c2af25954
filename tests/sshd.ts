import { existsSync, rmSync, writeFileSync } from "fs";
import * as path from "path";
import { CACHE_DIR } from "../tools/cache";
import { withLock } from "../tools/lock";
import { findOnPath } from "../tools/onPath";
import { must } from "../tools/process";
import { Report, timed } from "../tools/progress";

/** invoke-rc.d asks this script whether a package may start its service. Exit code 101 means no. */
const POLICY = "/usr/sbin/policy-rc.d";

const isInstalled = (): boolean => findOnPath("sshd") !== undefined || existsSync("/usr/sbin/sshd");

/** Installs `sshd` if it is missing, without its service. Tests start it with keys and a port of their own, several of them at once. */
export async function ensureSshd(report: Report): Promise<void> {
    if (isInstalled()) return;
    await withLock(path.join(CACHE_DIR, "sshd.lock"), report, async () => {
        if (!isInstalled()) await timed(report, "installing openssh-server, without its service", withoutService);
    });
}

async function withoutService(): Promise<void> {
    const allowed = !existsSync(POLICY);
    if (allowed) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    try {
        await install();
    } finally {
        if (allowed) rmSync(POLICY);
    }
}

async function install(): Promise<void> {
    const apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "--quiet"];
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await must("apt-get update", [...apt, "update"], { env });
    await must("apt-get install", [...apt, "install", "--yes", "--no-install-recommends", "openssh-server"], { env });
    if (findOnPath("systemctl")) await must("systemctl", ["systemctl", "disable", "ssh.service"], { env });
}
