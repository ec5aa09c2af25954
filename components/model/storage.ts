import { isIP } from "net";
import { Fault, fault, oneOf } from "../lib/faults";
import { isDnsName } from "./hosts";

/** The provisioner of volumes for PersistentVolumeClaims. */
export const StorageProvisioner = { LocalPath: "local-path", Nfs: "nfs" } as const;
export type StorageProvisioner = (typeof StorageProvisioner)[keyof typeof StorageProvisioner];

/** One StorageClass, the cluster's default, of the provisioner's name. Removing it leaves the volumes that there are. */
export interface StorageArgs {
    /** `local-path`: folders of the node that the pod runs on, lost with it. `nfs`: folders of a server that exists. */
    provisioner: StorageProvisioner;
    /** The folder on each node, or the server's exported path. @default "/opt/local-path-provisioner" (local-path) */
    path?: string;
    /** The NFS server's name or address. Its clients (nfs-common) are installed on every node. */
    server?: string;
    /** Whether claims that name no class get this one. @default true */
    defaultClass?: boolean;
}

export function storageFaults({ provisioner, path, server }: StorageArgs): Fault[] {
    const nfs = provisioner === StorageProvisioner.Nfs;
    const needed = provisioner === undefined ? [fault("storage.provisioner", undefined, "local-path or nfs")] : [];
    const faults = [...needed, ...oneOf("storage.provisioner", provisioner, StorageProvisioner)];
    if ((path !== undefined || nfs) && !path?.startsWith("/")) {
        faults.push(
            fault("storage.path", path, nfs ? "the path that the server exports" : "an absolute path on the nodes"),
        );
    }
    if (nfs && !isIP(server ?? "") && !isDnsName(server ?? ".")) {
        faults.push(fault("storage.server", server, "the NFS server's name or address"));
    }
    if (!nfs && server !== undefined) {
        faults.push(fault("storage.server", server, "none: only provisioner 'nfs' uses it"));
    }
    return faults;
}
