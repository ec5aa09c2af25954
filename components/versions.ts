import { OsFamily, PackageRepositoryArgs } from "./types";

/** What goes with a Kubernetes minor; kubeadm's own constants name the images of etcd, CoreDNS and pause. */
export interface MinorVersion {
    /** The newest patch known here. */
    latest: string;
    /** The image containerd starts pods with (kubeadm constants.PauseVersion). */
    pause: string;
}

export const SUPPORTED_MINORS: Record<string, MinorVersion> = {
    "1.36": { latest: "1.36.3", pause: "3.10.2" },
};

export const DEFAULT_KUBERNETES_VERSION = "1.36.3";

export const FLANNEL = {
    image: "ghcr.io/flannel-io/flannel:v0.28.4",
    cniPluginImage: "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1",
} as const;

export const KUBE_VIP_IMAGE = "ghcr.io/kube-vip/kube-vip:v0.9.1";

/** What a node's own balancer runs; on hosts, haproxy and nginx are the distribution's packages. */
export const PROXY_IMAGES = {
    haproxy: "docker.io/library/haproxy:3.0.8",
    nginx: "docker.io/library/nginx:1.28.0",
} as const;

export const CALICO = {
    uri: "https://raw.githubusercontent.com/projectcalico/calico/v3.28.5/manifests/calico-vxlan.yaml",
    sha256: "034b15449b896732fd65e30ec109fb469fa97b78d0d8b6986dac478f7a960629",
} as const;

export const METRICS_SERVER = { image: "registry.k8s.io/metrics-server/metrics-server:v0.9.0" } as const;

export const LOCAL_PATH = {
    image: "docker.io/rancher/local-path-provisioner:v0.0.30",
    /** Makes and removes the folders; any image with a shell does. */
    helperImage: "docker.io/library/busybox:1.37.0",
    folder: "/opt/local-path-provisioner",
} as const;

export const NFS_PROVISIONER = {
    image: "registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2",
} as const;

export const CILIUM = { repository: "https://helm.cilium.io", version: "1.20.2" } as const;

/** "1.36.3" → "1.36" */
export const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

export const pauseImage = (version: string, imageRepository: string): string =>
    `${imageRepository}/pause:${SUPPORTED_MINORS[minorOf(version)].pause}`;

/** pkgs.k8s.io, one repository a minor; the key is that of its build service (kubernetes.io, "Installing kubeadm"). */
export const kubernetesRepository = (version: string, family: OsFamily): PackageRepositoryArgs => {
    const uri = `https://pkgs.k8s.io/core:/stable:/v${minorOf(version)}`;
    const fingerprint = "DE15B14486CD377B9E876E1A234654DA9A296436";
    return family === OsFamily.Debian
        ? { uri: `${uri}/deb`, suite: "/", key: `${fingerprint} ${uri}/deb/Release.key` }
        : { uri: `${uri}/rpm/`, key: `${fingerprint} ${uri}/rpm/repodata/repomd.xml.key` };
};

/** Docker's repositories carry containerd 2 as containerd.io; its keys are named in docs.docker.com, "Install". */
export const CONTAINERD_REPOSITORY: Record<OsFamily, PackageRepositoryArgs> = {
    [OsFamily.Debian]: {
        uri: "https://download.docker.com/linux/debian",
        suite: "bookworm stable",
        key: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88 https://download.docker.com/linux/debian/gpg",
    },
    [OsFamily.RedHat]: {
        uri: "https://download.docker.com/linux/centos/$releasever/$basearch/stable",
        key: "060A61C51B558A7F742B77AAC52FEB6B621E9F35 https://download.docker.com/linux/centos/gpg",
    },
};
