import * as path from "path";
import { cacheDir } from "../tools/toolchain";

/** The checkout this lab belongs to. */
export const repoDir = path.resolve(__dirname, "..");

/** What programs read about the running lab: keys, known_hosts, lab.json, Pulumi's state. Gone after `down`. */
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

/** What is built once and shared by every checkout on this machine. */
export const buildDir = path.join(cacheDir, "lab");

/** The disks of the running lab's hosts, and podman's own records. Outside the checkout, because they are big. */
export const bulkDir = path.join(buildDir, "running");
export const disksDir = path.join(bulkDir, "disks");
export const trashDir = path.join(bulkDir, "trash");

/** Process ids, the lock and the owner of the one lab a machine can run. */
export const runDir = "/run/pulumi-kubeadm-lab";

/** One prefix for everything that is visible system-wide, so that cleaning up never touches anything else. */
export const prefix = "kubeadm-lab";

/** The namespace that holds the bridge and everything that talks to hosts. */
export const labNamespace = prefix;

/** The names of host `name`'s network namespace and container. */
export const hostId = (name: string): string => `${prefix}-${name}`;

export const netnsPath = (namespace: string): string => `/run/netns/${namespace}`;
