import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { spawn } from "child_process";
import { capture, must } from "../tools/process";
import { DISKS_DIR, hostId, LAB_FILES, TRASH_DIR } from "./paths";
import { SUITE } from "./rootfs/build";
import { HostsFile, LabHost, segmentsOf } from "./hostsFile";
import { beside, placeOf } from "./segments";

/**
 * Directories outside the overlay. containerd's overlays cannot be on another overlay, and journald would otherwise keep
 * the journal in memory, where a power cut deletes it.
 */
const VOLUMES = ["/var/lib/containerd", "/var/lib/kubelet", "/var/lib/etcd", "/var/log/journal"];

/** The size of a host's disk. The file is sparse, so it uses only what the host writes. */
const DISK_SIZE = "20G";

/** Returns the mount point of the host's disk. */
const diskDir = (name: string): string => path.join(DISKS_DIR, name);
/** Returns the file that contains the host's disk. */
const imageFile = (name: string): string => path.join(DISKS_DIR, `${name}.img`);

const volumeDir = (name: string, volume: string): string => path.join(diskDir(name), "volumes", path.basename(volume));

/** Returns the mount point of the host's file system: its disk over the root filesystem that all hosts share. */
export const rootOf = (name: string): string => path.join(diskDir(name), "root");

export const diskExists = (name: string): boolean => fs.existsSync(path.join(diskDir(name), "upper"));

export const volumeMounts = (name: string): string[] => VOLUMES.map((volume) => `${volumeDir(name, volume)}:${volume}`);

/** Creates a disk with the shared root filesystem below it and with an identity of its own. */
export async function createDisk(host: LabHost, lab: HostsFile, rootfs: string): Promise<void> {
    fs.mkdirSync(diskDir(host.name), { recursive: true });
    await insertDisk(host.name);
    for (const dir of ["upper", "work", "root"]) {
        fs.mkdirSync(path.join(diskDir(host.name), dir));
    }
    for (const volume of VOLUMES) {
        fs.mkdirSync(volumeDir(host.name, volume), { recursive: true });
    }
    await mountRoot(host.name, rootfs);
    await personalise(host, lab);
}

/** Gives the host a file system of its own, because kubelet reports disk pressure where this machine's disk is nearly full. */
async function insertDisk(name: string): Promise<void> {
    const image = imageFile(name);
    const format = 'truncate -s "$1" "$2" && mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 "$2"';
    await must(`formatting ${name}'s disk`, ["sh", "-c", format, "sh", DISK_SIZE, image]);
    const mounted = await capture(["mount", "-o", "loop", image, diskDir(name)]);
    if (mounted.code !== 0) {
        // Some containers have no loop devices. Hosts share this machine's disk then.
        fs.rmSync(image);
    }
}

export async function mountRoot(name: string, rootfs: string): Promise<void> {
    const [upper, work] = ["upper", "work"].map((dir) => path.join(diskDir(name), dir));
    const layers = `lowerdir=${rootfs},upperdir=${upper},workdir=${work}`;
    await must(`mounting ${name}'s disk`, ["mount", "-t", "overlay", hostId(name), "-o", layers, rootOf(name)]);
}

export async function unmountRoot(name: string): Promise<void> {
    // Lazily, because a process that was just killed may keep a file open for some milliseconds.
    await capture(["umount", "--lazy", rootOf(name)]);
}

/** Moves the disk away and deletes it in the background. */
export async function discardDisk(name: string): Promise<void> {
    await unmountRoot(name);
    await capture(["umount", "--lazy", diskDir(name)]);
    const trash = path.join(TRASH_DIR, `${name}-${crypto.randomUUID()}`);
    fs.mkdirSync(trash, { recursive: true });
    for (const part of [diskDir(name), imageFile(name)].filter((file) => fs.existsSync(file))) {
        fs.renameSync(part, path.join(trash, path.basename(part)));
    }
    spawn("nice", ["rm", "-rf", trash], { detached: true, stdio: "ignore" }).unref();
}

/** Returns the host's public ssh key in the format of known_hosts, or undefined before the host has one. */
export function hostKey(name: string): string | undefined {
    // The host's own layer exists even if the host is off.
    const file = path.join(diskDir(name), "upper/etc/ssh/ssh_host_ed25519_key.pub");
    if (!fs.existsSync(file)) return undefined;
    return fs.readFileSync(file, "utf8").split(" ").slice(0, 2).join(" ");
}

/** Has sudo ask `ops` for a password. */
async function askForPassword(root: string, { name, sudoPassword }: LabHost): Promise<void> {
    if (sudoPassword === undefined) return;
    fs.writeFileSync(path.join(root, "etc/sudoers.d/ops"), "ops ALL=(ALL) ALL\n");
    const chpasswd = ["chroot", root, "/usr/sbin/chpasswd"];
    await must(`setting the password of ops on ${name}`, chpasswd, { input: `ops:${sudoPassword}\n` });
}

/** Writes what distinguishes the host: name, machine-id, host key, authorized keys and apt source. */
async function personalise(host: LabHost, lab: HostsFile): Promise<void> {
    const root = rootOf(host.name);
    const write = (file: string, text: string, mode = 0o644): void => {
        fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        fs.writeFileSync(path.join(root, file), text, { mode });
    };
    write("etc/hostname", `${host.name}\n`);
    const { own, gateway, mirror } = addressesFor(host, lab);
    const names = own.map((address) => `${address} ${host.name}\n`).join("");
    write("etc/hosts", `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${names}`);
    write("etc/machine-id", `${crypto.randomBytes(16).toString("hex")}\n`, 0o444);
    // No DNS server listens on the gateway, so look-ups fail at once instead of timing out.
    write("etc/resolv.conf", `nameserver ${gateway}\noptions timeout:1 attempts:1\n`);
    write("etc/apt/keyrings/lab-mirror.asc", fs.readFileSync(LAB_FILES.aptKey, "utf8"));
    write(
        "etc/apt/sources.list",
        `deb [signed-by=/etc/apt/keyrings/lab-mirror.asc] http://${mirror}/debian ${SUITE} main\n`,
    );
    const authorised = fs.readFileSync(`${LAB_FILES.clientKey}.pub`, "utf8");
    for (const home of ["root", "home/ops"]) {
        fs.mkdirSync(path.join(root, home, ".ssh"), { mode: 0o700, recursive: true });
        write(`${home}/.ssh/authorized_keys`, authorised, 0o600);
    }
    await must(`making ${host.name}'s host key`, [
        "sh",
        "-c",
        'ssh-keygen -q -t ed25519 -N "" -C "$2" -f "$1/etc/ssh/ssh_host_ed25519_key" && chown -R --reference="$1/home/ops" "$1/home/ops/.ssh"',
        "sh",
        root,
        `root@${host.name}`,
    ]);
    await askForPassword(root, host);
}

/** Returns the addresses of the host, and those of the gateway and the mirror: IPv6 ones if the host has only IPv6. */
function addressesFor(host: LabHost, lab: HostsFile): { own: string[]; gateway: string; mirror: string } {
    const [first] = segmentsOf(lab);
    const place = placeOf(segmentsOf(lab), host.address);
    const own = [host.address, ...(place?.v6 && !place.only6 ? [place.v6] : [])];
    return place?.only6
        ? { own, gateway: `${beside(first, lab.gateway)}`, mirror: `[${beside(first, lab.mirror)}]` }
        : { own, gateway: lab.gateway, mirror: lab.mirror };
}
