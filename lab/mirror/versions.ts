import { FORMER_SUFFIX, VERSIONS as BUILT } from "../../tools/toolchain";

/** The architecture as Debian and images name it. */
export const ARCHITECTURE = process.arch === "arm64" ? "arm64" : "amd64";

/** A Kubernetes version and the tags of the images that its kubeadm pulls. */
export interface KubernetesRelease {
    version: string;
    /** The suffix of its commands in the toolchain. */
    suffix: string;
    tags: Record<"kubernetes" | "etcd" | "coredns" | "pause", string>;
}

/** Whatever the tags say, the images contain etcd 3.6.6, the newest in a Go module, CoreDNS 1.14.6 and the same pause. */
export const RELEASES: Record<"current" | "former", KubernetesRelease> = {
    current: {
        version: BUILT.kubernetes,
        suffix: "",
        tags: { kubernetes: `v${BUILT.kubernetes}`, etcd: "3.6.8-0", coredns: "v1.14.2", pause: "3.10.2" },
    },
    former: {
        version: BUILT.kubernetesFormer,
        suffix: FORMER_SUFFIX,
        tags: { kubernetes: `v${BUILT.kubernetesFormer}`, etcd: "3.6.6-0", coredns: "v1.13.1", pause: "3.10.1" },
    },
};

/** The versions of the mirror's other packages. */
export const VERSIONS = {
    criTools: BUILT.criTools,
    containerd: BUILT.containerd,
    etcd: BUILT.etcd,
    /** The version of upstream's package. Ours contains Debian's plugins. */
    kubernetesCni: "1.8.0",
};

/** The tags in the add-ons' manifests. The images contain the toolchain's versions, which may differ. */
export const IMAGE_TAGS = {
    flannel: `v${BUILT.flannel}`,
    /** The image contains a stand-in (tools/fallback/modules/flannel-cni), because upstream's is in no Go module. */
    flannelCniPlugin: "v1.9.1-flannel1",
    calico: `v${BUILT.calico}`,
    kubeVip: `v${BUILT.kubeVip}`,
    /** These two images contain Debian's packages, which are older. */
    haproxy: "3.0.8",
    nginx: "1.28.0",
    /** The image contains Debian's 1.35. */
    busybox: "1.37.0",
    localPathProvisioner: `v${BUILT.localPathProvisioner}`,
    metricsServer: `v${BUILT.metricsServer}`,
    tools: "1",
};
