import type { Image } from "./image";
import { IMAGE_TAGS, KubernetesRelease, RELEASES } from "./versions";

/** The content of an image: Debian packages in the lower layer, files of the toolchain and of ours in the upper one. */
export interface ImageRecipe extends Omit<Image, "layers"> {
    base?: keyof typeof IMAGE_BASES;
    /** A folder of `images`, which is copied over the base. */
    ours?: string;
    /** Path in the image → name in the toolchain. */
    files?: Record<string, string>;
    /** A script that adapts these files where Debian's programs differ from upstream's. */
    adapt?: string;
}

/** The Debian packages of lower layers. busybox replaces the shell, cp and other tools of upstream's images. */
export const IMAGE_BASES = {
    /** Programs that kube-proxy and flanneld call, and a shell and cp for the commands in manifests. */
    network: ["iptables", "nftables", "conntrack", "ipset", "kmod", "busybox-static"],
    /** For experiments in a pod. busybox contains wget, nslookup, nc and an httpd. */
    workbench: ["curl", "iproute2", "busybox-static"],
    haproxy: ["haproxy", "busybox-static"],
    nginx: ["nginx", "libnginx-mod-stream", "busybox-static"],
    busybox: ["busybox-static"],
    /** Programs that felix calls, the supervisor of calico-node's processes, and BIRD for BGP. */
    "calico-node": [
        ...["iptables", "nftables", "ipset", "conntrack", "iproute2", "kmod", "procps"],
        ...["runit", "bird", "busybox-static"],
    ],
};

const inPath = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [`usr/local/bin/${name}`, name]));

/** Returns the images that kubeadm pulls. */
function kubernetesImages({ suffix, tags }: KubernetesRelease): ImageRecipe[] {
    const command = (name: string): ImageRecipe => ({
        repository: name,
        tag: tags.kubernetes,
        files: { [`usr/local/bin/${name}`]: name + suffix },
        entrypoint: [name],
    });
    return [
        ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(command),
        { ...command("kube-proxy"), base: "network" },
        { repository: "etcd", tag: tags.etcd, files: inPath("etcd", "etcdctl", "etcdutl"), entrypoint: ["etcd"] },
        { repository: "coredns/coredns", tag: tags.coredns, files: { coredns: "coredns" }, entrypoint: ["/coredns"] },
        { repository: "pause", tag: tags.pause, files: { pause: "pause" }, entrypoint: ["/pause"] },
    ];
}

const FLANNEL_IMAGES: ImageRecipe[] = [
    {
        repository: "flannel-io/flannel",
        tag: IMAGE_TAGS.flannel,
        base: "network",
        files: { "opt/bin/flanneld": "flanneld" },
        entrypoint: ["/opt/bin/flanneld"],
    },
    {
        repository: "flannel-io/flannel-cni-plugin",
        tag: IMAGE_TAGS.flannelCniPlugin,
        base: "network",
        files: { flannel: "flannel" },
        entrypoint: ["/flannel"],
    },
];

/** Without the parts for eBPF, because these need a C toolchain that the lab does not have. */
const CALICO_IMAGES: ImageRecipe[] = [
    {
        repository: "calico/node",
        tag: IMAGE_TAGS.calico,
        base: "calico-node",
        files: {
            etc: "calico-node-etc",
            "etc/calico/confd": "calico-confd",
            "usr/sbin": "calico-node-sbin",
            "bin/calico-node": "calico-node",
        },
        adapt: "adapt-calico-node.sh",
        command: ["start_runit"],
        environment: ["SVDIR=/etc/service/enabled"],
    },
    {
        repository: "calico/cni",
        tag: IMAGE_TAGS.calico,
        files: {
            "opt/cni/bin/calico": "calico-cni",
            "opt/cni/bin/calico-ipam": "calico-cni",
            "opt/cni/bin/install": "calico-cni-install",
        },
        command: ["/opt/cni/bin/install"],
    },
    {
        repository: "calico/kube-controllers",
        tag: IMAGE_TAGS.calico,
        ours: "calico-kube-controllers",
        files: {
            "usr/bin/kube-controllers": "calico-kube-controllers",
            "usr/bin/check-status": "calico-check-status",
        },
        entrypoint: ["/usr/bin/kube-controllers"],
    },
];

/** Volumes on the nodes' disks, the image of their helper pods, and the metrics of `kubectl top`. */
const ADD_ON_IMAGES: ImageRecipe[] = [
    {
        repository: "rancher/local-path-provisioner",
        tag: IMAGE_TAGS.localPathProvisioner,
        base: "busybox",
        files: { "usr/bin/local-path-provisioner": "local-path-provisioner" },
        command: ["local-path-provisioner"],
    },
    { repository: "library/busybox", tag: IMAGE_TAGS.busybox, base: "busybox", command: ["sh"] },
    {
        repository: "metrics-server/metrics-server",
        tag: IMAGE_TAGS.metricsServer,
        files: { "metrics-server": "metrics-server" },
        entrypoint: ["/metrics-server"],
        user: "65534",
    },
];

/** Load balancers for the API servers that run as static pods. */
const BALANCER_IMAGES: ImageRecipe[] = [
    {
        repository: "kube-vip/kube-vip",
        tag: IMAGE_TAGS.kubeVip,
        files: { "kube-vip": "kube-vip" },
        entrypoint: ["/kube-vip"],
    },
    {
        repository: "library/haproxy",
        tag: IMAGE_TAGS.haproxy,
        base: "haproxy",
        ours: "haproxy",
        command: ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
        user: "haproxy",
    },
    {
        repository: "library/nginx",
        tag: IMAGE_TAGS.nginx,
        base: "nginx",
        ours: "nginx",
        command: ["nginx", "-g", "daemon off;"],
    },
];

const LAB_IMAGES: ImageRecipe[] = [
    { repository: "lab/tools", tag: IMAGE_TAGS.tools, base: "workbench", entrypoint: ["/bin/sh"] },
];

const CORE = [...kubernetesImages(RELEASES.current), ...FLANNEL_IMAGES, ...LAB_IMAGES];

/** The extent of the mirror's images and packages. */
export type ImageSet = "core" | "all";

/** `core` is what every cluster runs. `all` adds what only some run and what takes long to build: add-ons, the previous Kubernetes. */
export const IMAGE_RECIPES: Record<ImageSet, ImageRecipe[]> = {
    core: CORE,
    all: [...CORE, ...CALICO_IMAGES, ...ADD_ON_IMAGES, ...BALANCER_IMAGES, ...kubernetesImages(RELEASES.former)],
};

/** Returns the tools that images contain. */
export const imageTools = (set: ImageSet): string[] => [
    ...new Set(IMAGE_RECIPES[set].flatMap(({ files = {} }) => Object.values(files))),
];
