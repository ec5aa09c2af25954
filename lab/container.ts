import * as fs from "fs";
import * as path from "path";
import { capture, must, waitFor } from "../tools/process";
import { UserError } from "../tools/userError";
import { rootOf, volumeMounts } from "./disk";
import { BULK_DIR, hostId, netnsPath, PREFIX, RUN_DIR } from "./paths";
import { inNetwork } from "./network";
import type { LabHost } from "./hostsFile";

/** Returns a podman command line. It has records of its own, so that it never touches the machine's other containers. */
export const podman = (...args: string[]): string[] => [
    "podman",
    ...["--root", path.join(BULK_DIR, "podman"), "--runroot", path.join(RUN_DIR, "podman")],
    // crun does not support cgroup layouts that mix v1 and v2.
    ...["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc", "--log-level", "error"],
    ...args,
];

const pidFile = (name: string): string => path.join(RUN_DIR, `${name}.pid`);

/** Flags of every container of the lab: the network of its namespace, and no name resolution from the machine. */
export const commonFlags = (name: string): string[] => [
    ...["run", "--detach", "--replace", "--name", hostId(name), "--hostname", name],
    ...["--pidfile", pidFile(name), "--cgroup-parent", `/${PREFIX}`, "--log-driver", "none"],
    ...["--network", `ns:${netnsPath(hostId(name))}`, "--no-hosts", "--dns", "none"],
    // podman's default limits may exceed what this machine permits.
    ...["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=20000:20000"],
];

/** Boots the host from its mounted disk. systemd is its first process. */
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
    // systemd shares mounts on a machine but not in a container. kubelet's mounts need it.
    await must(`sharing ${host.name}'s mounts`, inHost(host.name, ["mount", "--make-rshared", "/"]));
}

/** Sends SIGKILL to all processes of the host and removes its container. */
export async function powerOff(name: string): Promise<void> {
    await capture(podman("kill", hostId(name)));
    await capture(podman("rm", "--force", "--time", "0", hostId(name)));
    fs.rmSync(pidFile(name), { force: true });
}

/** Returns the id that the host's first process has on this machine, or undefined if the host is off. */
export function pidOf(name: string): number | undefined {
    try {
        const pid = Number(fs.readFileSync(pidFile(name), "utf8"));
        // The pid file may be stale and its id reused by another process. Only the host's own process is in its network.
        const mine = fs.statSync(netnsPath(hostId(name))).ino;
        return fs.statSync(`/proc/${pid}/ns/net`).ino === mine ? pid : undefined;
    } catch {
        return undefined;
    }
}

/** The environment of commands on a host. It has none of the operator's variables, as after a login. */
const HOST_ENVIRONMENT = [
    "HOME=/root",
    "LANG=C.UTF-8",
    `TERM=${process.env.TERM ?? "dumb"}`,
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
];

/** Returns a command line that runs a command as root on the host, faster than ssh and without its sshd. */
export function inHost(name: string, argv: string[]): string[] {
    const pid = pidOf(name);
    if (pid === undefined) {
        throw new UserError(`${name} is off: start it with \`npm run lab -- start ${name}\``);
    }
    const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
    return ["nsenter", "--target", String(pid), ...namespaces, "--", "env", "-i", ...HOST_ENVIRONMENT, ...argv];
}

/** Waits until sshd answers and accepts logins. */
export async function waitForSsh(host: LabHost): Promise<void> {
    const greeting = `for i in $(seq 300); do
        if read -rt 5 line </dev/tcp/${host.address}/22; then exit 0; fi
        sleep 0.1
    done 2>/dev/null; exit 1`;
    await must(`waiting for ${host.name}'s sshd`, inNetwork(["bash", "-c", greeting]), { timeoutMs: 60_000 });
    await waitFor(`${host.name} to accept logins`, 30_000, () => {
        const pid = pidOf(host.name);
        if (pid === undefined) {
            throw new UserError(`${host.name} stopped while it was booting`);
        }
        return !fs.existsSync(`/proc/${pid}/root/run/nologin`);
    });
}
