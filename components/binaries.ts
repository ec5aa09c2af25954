import { ScriptParameters } from "./remote/parameters";
import { BINARY_NAMES, BinariesArgs, BinaryArgs, BinaryName, SourcesArgs } from "./types";
import { etcdArchive, upstreamBinaries } from "./versions";

/** Every file with where it is and what it must be. */
export type Binaries = Record<BinaryName, Required<BinaryArgs>>;

/** With every default filled in; nothing where packages bring the programs. */
export function resolveBinaries(args: BinariesArgs | undefined, kubernetesVersion: string): Binaries | undefined {
    if (args === undefined) return undefined;
    const upstream = upstreamBinaries(kubernetesVersion);
    const entries = BINARY_NAMES.map((name) => {
        const uri = args[name]?.uri ?? mirrored(upstream[name].uri ?? "", args.mirror);
        // What validation lets through has checksums.
        return [name, { uri, sha256: args[name]?.sha256 ?? upstream[name].sha256 ?? {} }];
    });
    return Object.fromEntries(entries) as Binaries;
}

/** etcd's archive, from the mirror where there is one. */
export function resolveEtcdArchive(sources: SourcesArgs | undefined, kubernetesVersion: string) {
    const { uri, sha256 } = etcdArchive(kubernetesVersion);
    return sources?.etcd ?? { uri: mirrored(uri ?? "", sources?.binaries?.mirror), sha256 };
}

const mirrored = (uri: string, mirror: string | undefined): string =>
    mirror === undefined ? uri : `${mirror.replace(/\/+$/, "")}/${uri.replace(/^https:\/\//, "")}`;

/** "amd64=… arm64=…" */
export const checksumText = (sha256: Record<string, string>): string =>
    Object.entries(sha256)
        .map(([architecture, sum]) => `${architecture}=${sum}`)
        .join(" ");

const lines = (binaries: Binaries, text: (binary: Required<BinaryArgs>) => string): string =>
    BINARY_NAMES.map((name) => `${name} ${text(binaries[name])}`).join("\n");

/** What the host runs: a change of it is rolled out. */
export const binaryParameters = (binaries: Binaries | undefined): ScriptParameters =>
    binaries ? { BINARIES: lines(binaries, ({ sha256 }) => checksumText(sha256)) } : {};

/** Where that comes from. */
export const binaryUris = (binaries: Binaries): ScriptParameters => ({
    BINARY_URIS: lines(binaries, ({ uri }) => uri),
});

/** Whether the package manager may be called. A script that is told nothing calls it. */
export const packageUse = (binaries: Binaries | undefined): ScriptParameters =>
    binaries ? { HOST_PACKAGES: false } : {};

const OURS = { curl: "this library's scripts", jq: "this library's scripts", openssl: "this library's scripts" };
const ARCHIVES = { tar: "the unpacking of archives", gzip: "the unpacking of archives" };
/** losetup and mount are asked for by kubeadm's own preflight, iptables by the kubelet's package. */
const KUBELET = {
    iptables: "the kubelet and the CNI plugins",
    ip: "this library's scripts",
    losetup: "the kubelet (block volumes)",
    mount: "the kubelet (volumes)",
    modprobe: "this library's scripts (overlay, br_netfilter)",
    sysctl: "this library's scripts (forwarding)",
};

/** What a machine must have, since no package will be installed: commands, and who calls each. */
export function neededCommands(
    binaries: Binaries | undefined,
    { kubelet, nfs = false }: { kubelet: boolean; nfs?: boolean },
): Record<string, string> | undefined {
    if (!binaries) return undefined;
    return {
        ...OURS,
        ...ARCHIVES,
        ...(kubelet ? KUBELET : {}),
        ...(nfs ? { "mount.nfs": "the kubelet (NFS volumes)" } : {}),
    };
}
