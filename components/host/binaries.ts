import { BINARY_NAMES, Binaries, BinaryArgs } from "../model/binaries";
import { ScriptParameters } from "./contract";

/** "amd64=… arm64=…" */
export const checksumText = (sha256: Record<string, string>): string =>
    Object.entries(sha256)
        .map(([architecture, sum]) => `${architecture}=${sum}`)
        .join(" ");

const lines = (binaries: Binaries, text: (binary: Required<BinaryArgs>) => string): string =>
    BINARY_NAMES.map((name) => `${name} ${text(binaries[name])}`).join("\n");

/** The programs that the host runs, by checksum. A change is rolled out. */
export const binaryParameters = (binaries: Binaries | undefined): ScriptParameters =>
    binaries ? { BINARIES: lines(binaries, ({ sha256 }) => checksumText(sha256)) } : {};

/** The URIs of those programs. A change is not rolled out. */
export const binaryUris = (binaries: Binaries): ScriptParameters => ({
    BINARY_URIS: lines(binaries, ({ uri }) => uri),
});

/** Tells the scripts not to call the package manager, where programs come as files. */
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
