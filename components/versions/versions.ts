import { EtcdVersion, MinorVersion } from "./types";

/** The checksums are those that kubespray (checksums.yml) has for the release. */
const ETCD_3_6_8: EtcdVersion = {
    version: "3.6.8",
    tag: "3.6.8-0",
    sha256: {
        amd64: "cf9cfe91a4856cb90eed9c99e6aee4b708db2c7888b88a6f116281f04b0ea693",
        arm64: "438f56a700d17ce761510a3e63e6fa5c1d587b2dd4d7a22c179c09a649366760",
    },
};

const ETCD_3_6_6: EtcdVersion = {
    version: "3.6.6",
    tag: "3.6.6-0",
    sha256: {
        amd64: "887afaa4a99f22d802ccdfbe65730a5e79aa5c9ce2c8799c67e9d804c50ecedb",
        arm64: "8a15f5427c111ff4692753682374970fb68878401d946c2c28bdad6857db652f",
    },
};

export const SUPPORTED_MINORS: Record<string, MinorVersion> = {
    "1.35": { latest: "1.35.8", pause: "3.10.1", etcd: ETCD_3_6_6 },
    "1.36": { latest: "1.36.4", pause: "3.10.2", etcd: ETCD_3_6_8 },
};

export const DEFAULT_KUBERNETES_VERSION = "1.36.3";

export const FLANNEL = {
    image: "ghcr.io/flannel-io/flannel:v0.28.4",
    cniPluginImage: "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1",
} as const;

export const KUBE_VIP_IMAGE = "ghcr.io/kube-vip/kube-vip:v0.9.1";

/** The images of node-local balancers; on hosts, haproxy and nginx are the distribution's packages. */
export const PROXY_IMAGES = {
    haproxy: "docker.io/library/haproxy:3.0.8",
    nginx: "docker.io/library/nginx:1.28.0",
} as const;

export const CALICO = {
    uri: "https://raw.githubusercontent.com/projectcalico/calico/v3.28.5/manifests/calico-vxlan.yaml",
    sha256: "034b15449b896732fd65e30ec109fb469fa97b78d0d8b6986dac478f7a960629",
} as const;

/** Below the registry of kubeadm's images; the addresses are upstream's example, and one of the unique local range. */
export const NODE_LOCAL_DNS = {
    image: "dns/k8s-dns-node-cache:1.26.7",
    addressV4: "169.254.20.10",
    addressV6: "fd00:90:64::a",
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

export const etcdImage = (version: string, imageRepository: string): string =>
    `${imageRepository}/etcd:${SUPPORTED_MINORS[minorOf(version)].etcd.tag}`;
