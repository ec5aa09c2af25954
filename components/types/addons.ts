/** CoreDNS, which kubeadm installs. */
export interface CoreDnsArgs {
    /** @default kubeadm's, 2; one that was scaled by hand keeps its number */
    replicas?: number;
    /** Requests and limits of each pod, as Kubernetes has them. @default kubeadm's: 100m and 70Mi, at most 170Mi */
    resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
    /** No two of its pods on one node while another node has none. @default true */
    spread?: boolean;
    /** A PodDisruptionBudget: how many of its pods a drain may take at one time. @default no budget */
    maxUnavailable?: number;
}

/** What gives a PersistentVolumeClaim its volume. */
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
