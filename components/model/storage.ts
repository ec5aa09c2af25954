import { isIP } from "net";
import { Fault, fault, oneOf } from "../lib/faults";
import { isAbsolutePath, isDnsName, isOwnFolder } from "../lib/forms";
import { LOCAL_PATH } from "../versions/versions";

/** The provisioner of volumes for PersistentVolumeClaims. */
export const StorageProvisioner = { LocalPath: "local-path", Nfs: "nfs" } as const;
export type StorageProvisioner = (typeof StorageProvisioner)[keyof typeof StorageProvisioner];

/** One StorageClass, the cluster's default, of the provisioner's name. Removing it leaves the volumes that there are. */
export interface StorageArgs {
    /**
     * `local-path` (folders of the node, lost with it) or `nfs` (folders of a server): a StorageClass of that name.
     * With `nfs` every node needs nfs-common, which is installed with the node's other packages.
     * @change Applied. Existing volumes stay. A live node gets nfs-common with its next rollout that installs
     * packages.
     */
    provisioner: StorageProvisioner;
    /**
     * The folder on the nodes, or the path that the NFS server exports (required there).
     * @kind path
     * @default "/opt/local-path-provisioner"
     * @change Applied.
     */
    path?: string;
    /**
     * The name or address of the NFS server.
     * @change Applied.
     */
    server?: string;
    /**
     * Claims that name no class use this one.
     * @default true
     * @change Applied.
     */
    defaultClass?: boolean;
}

export interface StorageSettings extends StorageArgs {
    path: string;
    defaultClass: boolean;
}

export const resolveStorage = (args: StorageArgs): StorageSettings => ({
    ...args,
    path: args.path ?? LOCAL_PATH.folder,
    defaultClass: args.defaultClass ?? true,
});

export function storageFaults({ provisioner, path, server }: StorageArgs): Fault[] {
    const nfs = provisioner === StorageProvisioner.Nfs;
    const needed = provisioner === undefined ? [fault("storage.provisioner", undefined, "local-path or nfs")] : [];
    const faults = [...needed, ...oneOf("storage.provisioner", provisioner, StorageProvisioner)];
    if (
        nfs
            ? !isAbsolutePath(path ?? "")
            : path !== undefined && !(isOwnFolder(path) && !path.startsWith("/var/lib/etcd"))
    ) {
        const expected = nfs
            ? "the path that the server exports"
            : "a folder on the nodes for volumes alone, e.g. '/srv/volumes'";
        faults.push(fault("storage.path", path, expected));
    }
    if (nfs && !isIP(server ?? "") && !isDnsName(server ?? ".")) {
        faults.push(fault("storage.server", server, "the NFS server's name or address"));
    }
    if (!nfs && server !== undefined) {
        faults.push(fault("storage.server", server, "none: only provisioner 'nfs' uses it"));
    }
    return faults;
}
