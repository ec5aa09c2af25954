/** The versions that belong to a Kubernetes minor; kubeadm's own constants name the images of etcd, CoreDNS and pause. */
export interface MinorVersion {
    /** The newest patch known here. */
    latest: string;
    /** The image containerd starts pods with (kubeadm constants.PauseVersion). */
    pause: string;
    /** The etcd that kubeadm starts (kubeadm constants.DefaultEtcdVersion), for members that are not kubeadm's. */
    etcd: EtcdVersion;
}

/** By architecture, amd64 or arm64. */
export type Checksums = Record<string, string>;

/** A release, and the checksums of its file. */
export interface BinaryVersion {
    version: string;
    sha256: Checksums;
}

export interface EtcdVersion extends BinaryVersion {
    /** The tag of its image. */
    tag: string;
}
