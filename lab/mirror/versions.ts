import { formerSuffix, versions as built } from "../../tools/toolchain";

/** In Debian's and in image builders' words alike. */
export const architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** A Kubernetes, and the tags of the images that its kubeadm asks for. */
export interface KubernetesRelease {
    version: string;
    /** What is after its commands' names in the toolchain. */
    suffix: string;
    tags: Record<"kubernetes" | "etcd" | "coredns" | "pause", string>;
}

/** Within are etcd 3.6.6, the newest that can be had as a module, CoreDNS 1.14.6 and one pause, whatever the tags say. */
export const releases: Record<"current" | "former", KubernetesRelease> = {
    current: {
        version: built.kubernetes,
        suffix: "",
        tags: { kubernetes: `v${built.kubernetes}`, etcd: "3.6.8-0", coredns: "v1.14.2", pause: "3.10.2" },
    },
    former: {
        version: built.kubernetesFormer,
        suffix: formerSuffix,
        tags: { kubernetes: `v${built.kubernetesFormer}`, etcd: "3.6.6-0", coredns: "v1.13.1", pause: "3.10.1" },
    },
};

/** What the mirror's other packages are. */
export const versions = {
    criTools: built.criTools,
    containerd: built.containerd,
    etcd: built.etcd,
    /** The name upstream's package of that time has; the plugins in it are Debian's. */
    kubernetesCni: "1.8.0",
};

/** The tags that the add-ons' manifests ask for; what is within is the toolchain's, and may differ. */
export const imageTags = {
    flannel: `v${built.flannel}`,
    /** Within is a stand-in (tools/modules/flannel-cni): upstream's cannot be had as a module. */
    flannelCniPlugin: "v1.9.1-flannel1",
    calico: `v${built.calico}`,
    kubeVip: `v${built.kubeVip}`,
    /** Within are Debian's packages, of older versions. */
    haproxy: "3.0.8",
    nginx: "1.28.0",
    /** Within is Debian's 1.35. */
    busybox: "1.37.0",
    localPathProvisioner: `v${built.localPathProvisioner}`,
    metricsServer: `v${built.metricsServer}`,
    tools: "1",
};
