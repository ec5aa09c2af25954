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
    /** NodeLocal DNSCache; `{}` for its defaults. @default none */
    nodeLocalCache?: NodeLocalCacheArgs;
}

/**
 * A DNS cache on every node (kubernetes.io, "Using NodeLocal DNSCache"), which needs the kernel's dummy interfaces. With
 * kube-proxy's iptables it takes CoreDNS's address on its node, and pods notice nothing. Otherwise kubelets tell new pods
 * its own address: turning it on or off restarts them, node by node, and pods that run keep what they were told until they
 * are made anew; without the cache, what was told its address finds no name.
 */
export interface NodeLocalCacheArgs {
    /** Of the family of the services (the first of them); link-local or unique local, and nobody else's. @default "169.254.20.10", "fd00:90:64::a" */
    address?: string;
    /** @default "registry.k8s.io/dns/k8s-dns-node-cache:1.26.7", from `sources.imageRepository` */
    image?: string;
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
