import * as fs from "fs";
import * as path from "path";
import { Content, Deb } from "./deb";
import type { ImageSet } from "./imageRecipes";
import { KubernetesRelease, releases, versions } from "./versions";

/** Absolute paths of the toolchain's binaries, by name. */
export type Tools = Record<string, string>;

const kubernetesCommands = ["kubeadm", "kubelet", "kubectl"];

/** The tools that go into packages. */
export const packagedTools = (set: ImageSet): string[] => [
    ...kubernetesCommands,
    ...(set === "all" ? kubernetesCommands.map((name) => name + releases.former.suffix) : []),
    "crictl",
    ...["containerd", "ctr", "containerd-shim-runc-v2"],
    ...["etcd", "etcdctl", "etcdutl"],
];

const units = "/usr/lib/systemd/system";

const shipped = (file: string): Content => ({ from: path.join(__dirname, "packages", file) });

const binaries = (tools: Tools, ...names: string[]): Record<string, Content> =>
    Object.fromEntries(names.map((name) => [`/usr/bin/${name}`, { from: tools[name] }]));

/** What pkgs.k8s.io has: the same names, relations, units and paths. `cni` is a directory of CNI plugins. */
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
                [`${units}/kubelet.service`]: shipped("kubelet/kubelet.service"),
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
                [`${units}/kubelet.service.d/10-kubeadm.conf`]: shipped("kubeadm/10-kubeadm.conf"),
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
            version: `${versions.criTools}-1.1`,
            summary: "Command-line utility for interacting with a container runtime",
            files: binaries(tools, "crictl"),
        },
        {
            name: "kubernetes-cni",
            version: `${versions.kubernetesCni}-1.1`,
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

/** What Docker's repository has, but for runc: that is Debian's, as a dependency. */
export function containerdPackages(tools: Tools): Deb[] {
    return [
        {
            name: "containerd.io",
            version: `${versions.containerd}-1`,
            summary: "An open and reliable container runtime",
            relations: {
                Depends: "runc, libseccomp2",
                Provides: "containerd",
                Conflicts: "containerd",
                Replaces: "containerd",
            },
            files: {
                ...binaries(tools, "containerd", "ctr", "containerd-shim-runc-v2"),
                [`${units}/containerd.service`]: shipped("containerd.io/containerd.service"),
                "/etc/containerd/config.toml": shipped("containerd.io/config.toml"),
            },
            scripts: {
                postinst: shipped("containerd.io/postinst"),
                prerm: shipped("containerd.io/prerm"),
            },
        },
    ];
}

/** etcd of today beside Debian's packages, whose own is too old for Kubernetes; only the programs, no service. */
export function etcdPackages(tools: Tools): Deb[] {
    return [
        {
            name: "etcd",
            version: `${versions.etcd}-1`,
            summary: "Distributed reliable key-value store, with etcdctl and etcdutl",
            files: binaries(tools, "etcd", "etcdctl", "etcdutl"),
        },
    ];
}
