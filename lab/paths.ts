import * as path from "path";
import { cacheDir } from "../tools/toolchain";

/** The checkout this lab belongs to. */
export const repoDir = path.resolve(__dirname, "..");

/** Everything that programs read about the running lab: keys, known_hosts, lab.json, Pulumi's state. `down` removes it. */
export const labDir = path.join(repoDir, ".lab");
export const labFiles = {
    record: path.join(labDir, "lab.json"),
    clientKey: path.join(labDir, "id_lab"),
    knownHosts: path.join(labDir, "known_hosts"),
    aptKey: path.join(labDir, "apt-key.asc"),
    state: path.join(labDir, "state"),
    pulumiHome: path.join(labDir, "pulumi-home"),
    kubeconfig: path.join(labDir, "kubeconfig"),
};

/** The lab's part of the cache, which every checkout on this machine shares. */
export const buildDir = path.join(cacheDir, "lab");

/** The disks of the running lab's hosts, and podman's records. They lie outside the checkout because they are big. */
export const bulkDir = path.join(buildDir, "running");
export const disksDir = path.join(bulkDir, "disks");
export const trashDir = path.join(bulkDir, "trash");

/** Process ids and the owner of the one lab that a machine can run. `down` removes it. */
export const runDir = "/run/pulumi-kubeadm-lab";

/** Held by `up` and `down`. It is outside runDir, because a lock file must outlive what it protects. */
export const lockFile = "/run/lock/pulumi-kubeadm-lab";

/** The prefix of every name that is visible system-wide. `down` removes only what has this prefix. */
export const prefix = "kubeadm-lab";

/** The namespace with the bridges and with every program that calls the hosts. */
export const labNamespace = prefix;

/** The name of the host's network namespace and of its container. */
export const hostId = (name: string): string => `${prefix}-${name}`;

export const netnsPath = (namespace: string): string => `/run/netns/${namespace}`;
