import { BINARY_NAMES, Binaries, BinaryArgs } from "../model/binaries";
import { ValuesOf, flag, list } from "./parameters";

export const PROGRAM_FILES = {
    BINARIES: list(
        "The programs that come as files, with their checksums: `name amd64=… arm64=…`. Empty: programs come as packages.",
        [],
    ),
    BINARY_URIS: list("The URLs of the programs in BINARIES: `name url`; `{arch}` stands for amd64 or arm64.", []),
    HOST_PACKAGES: flag("Whether the package manager may be called.", true),
};

type BinaryParameters = ValuesOf<typeof PROGRAM_FILES>;

/** `amd64=…` */
export const checksumWords = (sha256: Record<string, string>): string[] =>
    Object.entries(sha256).map(([architecture, sum]) => `${architecture}=${sum}`);

const rows = (binaries: Binaries, text: (binary: Required<BinaryArgs>) => string): string[] =>
    BINARY_NAMES.map((name) => `${name} ${text(binaries[name])}`);

/** The programs that the host runs, by checksum. A change is rolled out. */
export const binaryParameters = (binaries: Binaries | undefined): BinaryParameters =>
    binaries ? { BINARIES: rows(binaries, ({ sha256 }) => checksumWords(sha256).join(" ")) } : {};

/** The URIs of those programs. A change is not rolled out. */
export const binaryUris = (binaries: Binaries): BinaryParameters => ({
    BINARY_URIS: rows(binaries, ({ uri }) => uri),
});

/** Tells the scripts not to call the package manager, where programs come as files. */
export const packageUse = (binaries: Binaries | undefined): BinaryParameters =>
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

/** The commands that a host must have, since no package will be installed, and the caller of each. */
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
