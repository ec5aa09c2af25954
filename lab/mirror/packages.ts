import * as fs from "fs";
import * as path from "path";
import { Content, Deb } from "./deb";
import type { ImageSet } from "./imageRecipes";
import { KubernetesRelease, RELEASES, VERSIONS } from "./versions";

/** Name → absolute path, for the toolchain's outputs. */
export type Tools = Record<string, string>;

const KUBERNETES_COMMANDS = ["kubeadm", "kubelet", "kubectl"];

/** Returns the tools that packages contain. */
export const packagedTools = (set: ImageSet): string[] => [
    ...KUBERNETES_COMMANDS,
    ...(set === "all" ? KUBERNETES_COMMANDS.map((name) => name + RELEASES.former.suffix) : []),
    "crictl",
    ...["containerd", "ctr", "containerd-shim-runc-v2"],
    ...["etcd", "etcdctl", "etcdutl"],
];

const UNITS = "/usr/lib/systemd/system";

const shipped = (file: string): Content => ({ from: path.join(__dirname, "packages", file) });

const binaries = (tools: Tools, ...names: string[]): Record<string, Content> =>
    Object.fromEntries(names.map((name) => [`/usr/bin/${name}`, { from: tools[name] }]));

/** Returns the packages of pkgs.k8s.io with the same names, relations, units and paths. `cni` is a directory of CNI plugins. */
export function kubernetesPackages(tools: Tools, cni: string, { version, suffix }: KubernetesRelease): Deb[] {
    const kubernetes = `${version}-1.1`;
    const command = (name: string): Record<string, Content> => ({
        [`/usr/bin/${name}`]: { from: tools[name + suffix] },
    });
    return [
        {
            name: "kubelet",
            version: kubernetes,
            summary: "Node agent for Kubernetes clusters",
            relations: { Depends: "iptables (>= 1.4.21), kubernetes-cni (>= 1.2.0), mount, util-linux" },
            files: {
                ...command("kubelet"),
                [`${UNITS}/kubelet.service`]: shipped("kubelet/kubelet.service"),
                "/etc/default/kubelet": shipped("kubelet/kubelet.env"),
                "/etc/kubernetes/manifests/.kubelet-keep": { text: "" },
                "/var/lib/kubelet/.kubelet-keep": { text: "" },
            },
            scripts: {
                postinst: shipped("kubelet/postinst"),
                prerm: shipped("kubelet/prerm"),
                postrm: shipped("kubelet/postrm"),
            },
        },
        {
            name: "kubeadm",
            version: kubernetes,
            summary: "Command-line utility for administering a Kubernetes cluster",
            files: {
                ...command("kubeadm"),
                [`${UNITS}/kubelet.service.d/10-kubeadm.conf`]: shipped("kubeadm/10-kubeadm.conf"),
            },
        },
        {
            name: "kubectl",
            version: kubernetes,
            summary: "Command-line utility for interacting with a Kubernetes cluster",
            files: command("kubectl"),
        },
        {
            name: "cri-tools",
            version: `${VERSIONS.criTools}-1.1`,
            summary: "Command-line utility for interacting with a container runtime",
            files: binaries(tools, "crictl"),
        },
        {
            name: "kubernetes-cni",
            version: `${VERSIONS.kubernetesCni}-1.1`,
            summary: "Binaries required to provision kubernetes container networking",
            files: {
                ...Object.fromEntries(
                    fs.readdirSync(cni).map((plugin) => [`/opt/cni/bin/${plugin}`, { from: path.join(cni, plugin) }]),
                ),
                "/etc/cni/net.d/.kubernetes-cni-keep": { text: "" },
            },
        },
    ];
}

/** Returns the package of Docker's repository. It depends on Debian's runc instead of containing one. */
export function containerdPackages(tools: Tools): Deb[] {
    return [
        {
            name: "containerd.io",
            version: `${VERSIONS.containerd}-1`,
            summary: "An open and reliable container runtime",
            relations: {
                Depends: "runc, libseccomp2",
                Provides: "containerd",
                Conflicts: "containerd",
                Replaces: "containerd",
            },
            files: {
                ...binaries(tools, "containerd", "ctr", "containerd-shim-runc-v2"),
                [`${UNITS}/containerd.service`]: shipped("containerd.io/containerd.service"),
                "/etc/containerd/config.toml": shipped("containerd.io/config.toml"),
            },
            scripts: {
                postinst: shipped("containerd.io/postinst"),
                prerm: shipped("containerd.io/prerm"),
            },
        },
    ];
}

/** Returns a package with etcd's programs and no service. Debian's own etcd is too old for Kubernetes. */
export function etcdPackages(tools: Tools): Deb[] {
    return [
        {
            name: "etcd",
            version: `${VERSIONS.etcd}-1`,
            summary: "Distributed reliable key-value store, with etcdctl and etcdutl",
            files: binaries(tools, "etcd", "etcdctl", "etcdutl"),
        },
    ];
}
