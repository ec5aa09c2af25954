import { versions as built } from "../../tools/toolchain";

/** In Debian's and in image builders' words alike. */
export const architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** What the mirror's packages are. */
export const versions = {
    kubernetes: built.kubernetes,
    criTools: built.criTools,
    containerd: built.containerd,
    etcd: built.etcd,
    /** The name upstream's package of that time has; the plugins in it are Debian's. */
    kubernetesCni: "1.8.0",
};

/** The tags that kubeadm and the add-ons' manifests ask for; what is within is the toolchain's, and may differ. */
export const imageTags = {
    kubernetes: `v${built.kubernetes}`,
    /** Within is etcd 3.6.6, the newest that can be had as a module. */
    etcd: "3.6.8-0",
    /** Within is CoreDNS 1.14.6. */
    coredns: "v1.14.2",
    pause: "3.10.2",
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
