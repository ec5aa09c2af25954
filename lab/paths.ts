import * as path from "path";
import { CACHE_DIR } from "../tools/toolchain";

/** The checkout this lab belongs to. */
export const REPO_DIR = path.resolve(__dirname, "..");

/** Everything that programs read about the running lab: keys, known_hosts, lab.json, Pulumi's state. `down` removes it. */
export const LAB_DIR = path.join(REPO_DIR, ".lab");
export const LAB_FILES = {
    record: path.join(LAB_DIR, "lab.json"),
    clientKey: path.join(LAB_DIR, "id_lab"),
    knownHosts: path.join(LAB_DIR, "known_hosts"),
    aptKey: path.join(LAB_DIR, "apt-key.asc"),
    state: path.join(LAB_DIR, "state"),
    pulumiHome: path.join(LAB_DIR, "pulumi-home"),
    kubeconfig: path.join(LAB_DIR, "kubeconfig"),
};

/** The lab's part of the cache, which every checkout on this machine shares. */
export const BUILD_DIR = path.join(CACHE_DIR, "lab");

/** The disks of the running lab's hosts, and podman's records. They lie outside the checkout because they are big. */
export const BULK_DIR = path.join(BUILD_DIR, "running");
export const DISKS_DIR = path.join(BULK_DIR, "disks");
export const TRASH_DIR = path.join(BULK_DIR, "trash");

/** Process ids and the owner of the one lab that a machine can run. `down` removes it. */
export const RUN_DIR = "/run/pulumi-kubeadm-lab";

/** Held by `up` and `down`. It is outside RUN_DIR, because a lock file must outlive what it protects. */
export const LOCK_FILE = "/run/lock/pulumi-kubeadm-lab";

/** The prefix of every name that is visible system-wide. `down` removes only what has this prefix. */
export const PREFIX = "kubeadm-lab";

/** The namespace with the bridges and with every program that calls the hosts. */
export const LAB_NAMESPACE = PREFIX;

/** The name of the host's network namespace and of its container. */
export const hostId = (name: string): string => `${PREFIX}-${name}`;

export const netnsPath = (namespace: string): string => `/run/netns/${namespace}`;
