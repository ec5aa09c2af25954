import { existsSync, rmSync, writeFileSync } from "fs";
import { findOnPath } from "../tools/onPath";
import { must } from "../tools/process";
import { Report, timed } from "../tools/progress";

/** invoke-rc.d asks this script whether a package may start its service. Exit code 101 means no. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Installs `sshd` if it is missing, without its service. Tests start it with keys and a port of their own. */
export async function ensureSshd(report: Report): Promise<void> {
    if (findOnPath("sshd") || existsSync("/usr/sbin/sshd")) return;
    await timed(report, "installing openssh-server, without its service", async () => {
        const allowed = !existsSync(POLICY);
        if (allowed) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
        try {
            await install();
        } finally {
            if (allowed) rmSync(POLICY);
        }
    });
}

async function install(): Promise<void> {
    const apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "--quiet"];
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await must("apt-get update", [...apt, "update"], { env });
    await must("apt-get install", [...apt, "install", "--yes", "--no-install-recommends", "openssh-server"], { env });
    if (findOnPath("systemctl")) await must("systemctl", ["systemctl", "disable", "ssh.service"], { env });
}
