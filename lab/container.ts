import * as fs from "fs";
import * as path from "path";
import { rootOf, volumeMounts } from "./disk";
import { bulkDir, hostId, netnsPath, prefix, runDir } from "./paths";
import { capture, LabError, must, waitFor } from "./process";
import { inNetwork } from "./network";
import type { LabHost } from "./hostsFile";

/** podman with records of its own, so that the lab and the machine's other containers never meet. */
export const podman = (...args: string[]): string[] => [
    "podman",
    ...["--root", path.join(bulkDir, "podman"), "--runroot", path.join(runDir, "podman")],
    // crun refuses cgroup layouts that mix v1 and v2.
    ...["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc", "--log-level", "error"],
    ...args,
];

const pidFile = (name: string): string => path.join(runDir, `${name}.pid`);

/** What every container of the lab shares: its namespace's network, and no name resolution from the machine. */
export const commonFlags = (name: string): string[] => [
    ...["run", "--detach", "--replace", "--name", hostId(name), "--hostname", name],
    ...["--pidfile", pidFile(name), "--cgroup-parent", `/${prefix}`, "--log-driver", "none"],
    ...["--network", `ns:${netnsPath(hostId(name))}`, "--no-hosts", "--dns", "none"],
    // podman's own limits are above what a machine like this one may grant.
    ...["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=20000:20000"],
];

/** Boots the host from its mounted disk, systemd first. */
export async function boot(host: LabHost): Promise<void> {
    await must(
        `starting ${host.name}`,
        podman(
            ...commonFlags(host.name),
            ...["--privileged", "--systemd=always", "--cgroupns=private"],
            ...["--tmpfs", "/tmp", "--tmpfs", "/run"],
            ...volumeMounts(host.name).flatMap((volume) => ["--volume", volume]),
            ...["--rootfs", rootOf(host.name), "/sbin/init"],
        ),
    );
    // systemd does this on a machine and leaves it out in a container; kubelet's mounts need it.
    await must(`sharing ${host.name}'s mounts`, inHost(host.name, ["mount", "--make-rshared", "/"]));
}

/** SIGKILL to everything at once, and no record left. */
export async function powerOff(name: string): Promise<void> {
    await capture(podman("kill", hostId(name)));
    await capture(podman("rm", "--force", "--time", "0", hostId(name)));
    fs.rmSync(pidFile(name), { force: true });
}

/** The host's first process, as this machine numbers it; undefined when the host is off. */
export function pidOf(name: string): number | undefined {
    try {
        const pid = Number(fs.readFileSync(pidFile(name), "utf8"));
        // A pid file may outlive its process, and its number be another's by now: the network tells.
        const mine = fs.statSync(netnsPath(hostId(name))).ino;
        return fs.statSync(`/proc/${pid}/ns/net`).ino === mine ? pid : undefined;
    } catch {
        return undefined;
    }
}

/** A clean environment: a login on the machine would not see the operator's variables either. */
const hostEnvironment = [
    "HOME=/root",
    "LANG=C.UTF-8",
    `TERM=${process.env.TERM ?? "dumb"}`,
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
];

/** Prefixes a command so that it runs as root on the host; quicker than ssh, and needs no sshd. */
export function inHost(name: string, argv: string[]): string[] {
    const pid = pidOf(name);
    if (pid === undefined) {
        throw new LabError(`${name} is off: start it with \`npm run lab -- start ${name}\``);
    }
    const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
    return ["nsenter", "--target", String(pid), ...namespaces, "--", "env", "-i", ...hostEnvironment, ...argv];
}

/** Ready is when sshd answers and logins are let in. */
export async function waitForSsh(host: LabHost): Promise<void> {
    const greeting = `for i in $(seq 300); do
        if read -rt 5 line </dev/tcp/${host.address}/22; then exit 0; fi
        sleep 0.1
    done 2>/dev/null; exit 1`;
    await must(`waiting for ${host.name}'s sshd`, inNetwork(["bash", "-c", greeting]), { timeoutMs: 60_000 });
    await waitFor(`${host.name} to let users in`, 30_000, () => {
        const pid = pidOf(host.name);
        if (pid === undefined) {
            throw new LabError(`${host.name} stopped while it was booting`);
        }
        return !fs.existsSync(`/proc/${pid}/root/run/nologin`);
    });
}
