import type { Image } from "./image";
import { imageTags, KubernetesRelease, releases } from "./versions";

/** What an image is made of: Debian's packages below, the toolchain's files and ours above. */
export interface ImageRecipe extends Omit<Image, "layers"> {
    base?: keyof typeof imageBases;
    /** A folder of `images`, laid over the base. */
    ours?: string;
    /** Path in the image → what the toolchain calls it. */
    files?: Record<string, string>;
    /** A script that changes what these are, where Debian's programs are not upstream's. */
    adapt?: string;
}

/** The Debian packages below images; busybox is the shell, cp and the like of upstream's. */
export const imageBases = {
    /** What kube-proxy and flanneld call, with a shell and cp for the manifests' own commands. */
    network: ["iptables", "nftables", "conntrack", "ipset", "kmod", "busybox-static"],
    /** For trying things in a pod: wget, nslookup, nc and an httpd come with busybox. */
    workbench: ["curl", "iproute2", "busybox-static"],
    haproxy: ["haproxy", "busybox-static"],
    nginx: ["nginx", "libnginx-mod-stream", "busybox-static"],
    busybox: ["busybox-static"],
    /** What felix calls, the supervisor of calico-node's processes, and BIRD for BGP. */
    "calico-node": [
        ...["iptables", "nftables", "ipset", "conntrack", "iproute2", "kmod", "procps"],
        ...["runit", "bird", "busybox-static"],
    ],
};

const inPath = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [`usr/local/bin/${name}`, name]));

/** What kubeadm asks for. */
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

const flannelImages: ImageRecipe[] = [
    {
        repository: "flannel-io/flannel",
        tag: imageTags.flannel,
        base: "network",
        files: { "opt/bin/flanneld": "flanneld" },
        entrypoint: ["/opt/bin/flanneld"],
    },
    {
        repository: "flannel-io/flannel-cni-plugin",
        tag: imageTags.flannelCniPlugin,
        base: "network",
        files: { flannel: "flannel" },
        entrypoint: ["/flannel"],
    },
];

/** eBPF's parts are left out: what they need of C and of compilers is more than a lab is worth. */
const calicoImages: ImageRecipe[] = [
    {
        repository: "calico/node",
        tag: imageTags.calico,
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
        tag: imageTags.calico,
        files: {
            "opt/cni/bin/calico": "calico-cni",
            "opt/cni/bin/calico-ipam": "calico-cni",
            "opt/cni/bin/install": "calico-cni-install",
        },
        command: ["/opt/cni/bin/install"],
    },
    {
        repository: "calico/kube-controllers",
        tag: imageTags.calico,
        ours: "calico-kube-controllers",
        files: {
            "usr/bin/kube-controllers": "calico-kube-controllers",
            "usr/bin/check-status": "calico-check-status",
        },
        entrypoint: ["/usr/bin/kube-controllers"],
    },
];

/** Storage on the nodes' own disks, with what its helper pods run, and the metrics of `kubectl top`. */
const addOnImages: ImageRecipe[] = [
    {
        repository: "rancher/local-path-provisioner",
        tag: imageTags.localPathProvisioner,
        base: "busybox",
        files: { "usr/bin/local-path-provisioner": "local-path-provisioner" },
        command: ["local-path-provisioner"],
    },
    { repository: "library/busybox", tag: imageTags.busybox, base: "busybox", command: ["sh"] },
    {
        repository: "metrics-server/metrics-server",
        tag: imageTags.metricsServer,
        files: { "metrics-server": "metrics-server" },
        entrypoint: ["/metrics-server"],
        user: "65534",
    },
];

/** What stands before the API servers. */
const balancerImages: ImageRecipe[] = [
    {
        repository: "kube-vip/kube-vip",
        tag: imageTags.kubeVip,
        files: { "kube-vip": "kube-vip" },
        entrypoint: ["/kube-vip"],
    },
    {
        repository: "library/haproxy",
        tag: imageTags.haproxy,
        base: "haproxy",
        ours: "haproxy",
        command: ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
        user: "haproxy",
    },
    {
        repository: "library/nginx",
        tag: imageTags.nginx,
        base: "nginx",
        ours: "nginx",
        command: ["nginx", "-g", "daemon off;"],
    },
];

const labImages: ImageRecipe[] = [
    { repository: "lab/tools", tag: imageTags.tools, base: "workbench", entrypoint: ["/bin/sh"] },
];

const core = [...kubernetesImages(releases.current), ...flannelImages, ...labImages];

/** How much the mirror has, of images and of packages. */
export type ImageSet = "core" | "all";

/** What every cluster runs; and besides, what only some do, which takes long to build: add-ons, a former Kubernetes. */
export const imageRecipes: Record<ImageSet, ImageRecipe[]> = {
    core,
    all: [...core, ...calicoImages, ...addOnImages, ...balancerImages, ...kubernetesImages(releases.former)],
};

/** The tools that go into images. */
export const imageTools = (set: ImageSet): string[] => [
    ...new Set(imageRecipes[set].flatMap(({ files = {} }) => Object.values(files))),
];
