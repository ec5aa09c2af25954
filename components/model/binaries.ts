import { Fault, fault } from "../lib/faults";
import { isUrl } from "../lib/forms";
import { KUBERNETES_CHECKSUMS } from "../versions/kubernetesChecksums";
import { CNI_PLUGINS, CONTAINERD, CRICTL, RUNC } from "../versions/releases";
import { BinaryVersion } from "../versions/types";

/** A file that hosts fetch: one program, or an archive of some. */
export interface BinaryArgs {
    /**
     * The file; `{arch}` stands for amd64 or arm64.
     * @kind URL
     * @otherwise upstream's release
     * @change The next download uses it.
     */
    uri?: string;
    /**
     * The checksum by architecture, `{ amd64: … }`; another content is refused. Required with `uri`, and for a
     * Kubernetes version without pinned checksums.
     * @otherwise the pinned ones
     * @change Rolled out, as another version of a package is.
     */
    sha256?: Record<string, string>;
}

/** The files of `sources.binaries`. */
export const BINARY_NAMES = ["kubeadm", "kubelet", "kubectl", "containerd", "runc", "cniPlugins", "crictl"] as const;
export type BinaryName = (typeof BINARY_NAMES)[number];

/**
 * Programs as files instead of packages, for hosts whose package manager is not to be used: it is not called at all then.
 * Another version, or checksum, is rolled out as another package's is. To go from packages to files, or back, on a live
 * host is refused: reset it, and let it join anew.
 */
export interface BinariesArgs {
    /**
     * A mirror with upstream's files by host and path, as `wget --force-directories` makes them:
     * `<mirror>/dl.k8s.io/release/…`, `<mirror>/github.com/…` (etcd's archive too).
     * @kind URL
     * @change The next download uses it; with external etcd under systemd each member restarts, one after the other.
     */
    mirror?: string;
    /** @otherwise dl.k8s.io, of the Kubernetes version */
    kubeadm?: BinaryArgs;
    /** @otherwise dl.k8s.io, of the Kubernetes version */
    kubelet?: BinaryArgs;
    /** @otherwise dl.k8s.io, of the Kubernetes version */
    kubectl?: BinaryArgs;
    /** An archive with `bin/containerd` and what belongs to it. @otherwise containerd's release, 2.3.4, linked statically */
    containerd?: BinaryArgs;
    /** @otherwise its release, 1.4.3 */
    runc?: BinaryArgs;
    /** An archive with the CNI project's plugins. @otherwise its release, 1.9.1 */
    cniPlugins?: BinaryArgs;
    /** An archive with crictl. @otherwise cri-tools' release, 1.36.0 */
    crictl?: BinaryArgs;
}

/** Every file with where it is and what it must be. */
export type Binaries = Record<BinaryName, Required<BinaryArgs>>;

/** With every default filled in; nothing where packages bring the programs. */
export function resolveBinaries(args: BinariesArgs | undefined, kubernetesVersion: string): Binaries | undefined {
    if (args === undefined) return undefined;
    const upstream = upstreamBinaries(kubernetesVersion);
    const entries = BINARY_NAMES.map((name) => {
        const uri = args[name]?.uri ?? mirrored(upstream[name].uri ?? "", args.mirror);
        // Validation refuses arguments without checksums.
        return [name, { uri, sha256: args[name]?.sha256 ?? upstream[name].sha256 ?? {} }];
    });
    return Object.fromEntries(entries) as Binaries;
}

export const mirrored = (uri: string, mirror: string | undefined): string =>
    mirror === undefined ? uri : `${mirror.replace(/\/+$/, "")}/${uri.replace(/^https:\/\//, "")}`;

/** Upstream's releases as files: all linked statically, so that they run with any libc. A Kubernetes version that is not known here has no checksums. */
export function upstreamBinaries(kubernetesVersion: string): Record<BinaryName, BinaryArgs> {
    const kubernetes = `https://dl.k8s.io/release/v${kubernetesVersion}/bin/linux/{arch}`;
    const known = KUBERNETES_CHECKSUMS[kubernetesVersion];
    const release = (repository: string, { version, sha256 }: BinaryVersion, file: string): BinaryArgs => ({
        uri: `https://github.com/${repository}/releases/download/v${version}/${file}`,
        sha256,
    });
    return {
        kubeadm: { uri: `${kubernetes}/kubeadm`, sha256: known?.kubeadm },
        kubelet: { uri: `${kubernetes}/kubelet`, sha256: known?.kubelet },
        kubectl: { uri: `${kubernetes}/kubectl`, sha256: known?.kubectl },
        containerd: release(
            "containerd/containerd",
            CONTAINERD,
            `containerd-static-${CONTAINERD.version}-linux-{arch}.tar.gz`,
        ),
        runc: release("opencontainers/runc", RUNC, "runc.{arch}"),
        cniPlugins: release(
            "containernetworking/plugins",
            CNI_PLUGINS,
            `cni-plugins-linux-{arch}-v${CNI_PLUGINS.version}.tgz`,
        ),
        crictl: release("kubernetes-sigs/cri-tools", CRICTL, `crictl-v${CRICTL.version}-linux-{arch}.tar.gz`),
    };
}

const path = "sources.binaries";

/** Programs as files: where they are, and that each has a checksum. */
export const binaryFaults = (binaries: BinariesArgs, kubernetesVersion: string): Fault[] => [
    ...(binaries.mirror === undefined || isUrl(binaries.mirror)
        ? []
        : [fault(`${path}.mirror`, binaries.mirror, "an http:// or https:// URL")]),
    ...BINARY_NAMES.flatMap((name) => fileFaults(name, binaries, kubernetesVersion)),
];

// Upstream has a checksum beside each file; but who can change the one can change the other, so it is no default.
function fileFaults(name: BinaryName, binaries: BinariesArgs, version: string): Fault[] {
    const { uri, sha256 } = binaries[name] ?? {};
    const at = `${path}.${name}`;
    const faults: Fault[] = [];
    if (uri !== undefined && !isUrl(uri)) {
        faults.push(fault(`${at}.uri`, uri, "an http:// or https:// URL, {arch} in it"));
    }
    const pinned = uri === undefined ? upstreamBinaries(version)[name].sha256 : undefined;
    if (Object.keys(sha256 ?? pinned ?? {}).length === 0) {
        faults.push(
            fault(
                `${at}.sha256`,
                sha256,
                uri === undefined
                    ? `checksums by architecture, {"amd64": "…"}: none is pinned for Kubernetes ${version}`
                    : 'checksums by architecture, {"amd64": "…"}, because uri is set',
            ),
        );
    }
    return [...faults, ...checksumFaults(`${at}.sha256`, sha256)];
}

/** "amd64" or "arm64" to 64 hexadecimal digits. */
export const checksumFaults = (at: string, sha256: Record<string, string> = {}): Fault[] =>
    Object.entries(sha256)
        .filter(([architecture, sum]) => !/^(amd64|arm64)=[0-9a-f]{64}$/.test(`${architecture}=${sum}`))
        .map(([architecture, sum]) => fault(`${at}.${architecture}`, sum, "64 hexadecimal digits, for amd64 or arm64"));
