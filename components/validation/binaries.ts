import type { ClusterArgs } from "../clusterArgs";
import { isProxy } from "../loadBalancerSettings";
import { BINARY_NAMES, LoadBalancerPlacement, LoadBalancerTopologyArgs, LoadBalancerType, SourcesArgs } from "../types";
import { DEFAULT_KUBERNETES_VERSION, upstreamBinaries } from "../versions";
import { Fault, fault } from "./fault";

const path = "sources.binaries";

/** Programs as files: what they are, and that nothing else asks for a package. */
export function binaryFaults(args: ClusterArgs): Fault[] {
    if (args.sources?.binaries === undefined) return [];
    return [...binarySourceFaults(args.sources, args.kubernetesVersion), ...packagedBalancer(args.loadBalancer ?? {})];
}

export function binarySourceFaults(
    { binaries, kubernetes, containerd, etcd }: SourcesArgs = {},
    version = DEFAULT_KUBERNETES_VERSION,
): Fault[] {
    if (binaries === undefined) return [];
    const unread = { kubernetes, containerd, "etcd.package": etcd?.package };
    return [
        ...(binaries.mirror === undefined || /^https?:\/\/[^/]/.test(binaries.mirror)
            ? []
            : [fault(`${path}.mirror`, binaries.mirror, "an http:// or https:// URL")]),
        ...BINARY_NAMES.flatMap((name) => fileFaults(name, binaries, version)),
        ...Object.entries(unread)
            .filter(([, given]) => given !== undefined)
            .map(([key, given]) => fault(`sources.${key}`, given, `none beside ${path}: no package is installed then`)),
    ];
}

// Upstream has a checksum beside each file; but who can change the one can change the other, so it is no default.
function fileFaults(
    name: (typeof BINARY_NAMES)[number],
    binaries: NonNullable<SourcesArgs["binaries"]>,
    version: string,
): Fault[] {
    const { uri, sha256 } = binaries[name] ?? {};
    const at = `${path}.${name}`;
    const faults: Fault[] = [];
    if (uri !== undefined && !/^https?:\/\/[^/]/.test(uri))
        faults.push(fault(`${at}.uri`, uri, "an http:// or https:// URL, {arch} in it"));
    const pinned = uri === undefined ? upstreamBinaries(version)[name].sha256 : undefined;
    if (Object.keys(sha256 ?? pinned ?? {}).length === 0)
        faults.push(
            fault(
                `${at}.sha256`,
                sha256,
                uri === undefined
                    ? `checksums by architecture, {"amd64": "…"}: none is pinned for Kubernetes ${version}`
                    : 'checksums by architecture, {"amd64": "…"}, as uri is given',
            ),
        );
    return [...faults, ...checksumFaults(`${at}.sha256`, sha256)];
}

/** "amd64" or "arm64" to 64 hexadecimal digits. */
export const checksumFaults = (at: string, sha256: Record<string, string> = {}): Fault[] =>
    Object.entries(sha256)
        .filter(([architecture, sum]) => !/^(amd64|arm64)=[0-9a-f]{64}$/.test(`${architecture}=${sum}`))
        .map(([architecture, sum]) => fault(`${at}.${architecture}`, sum, "64 hexadecimal digits, for amd64 or arm64"));

// On hosts they are the distribution's packages; in static pods, images.
function packagedBalancer({ type = LoadBalancerType.Haproxy, placement }: LoadBalancerTopologyArgs): Fault[] {
    const inPod = placement === LoadBalancerPlacement.NodeLocal && isProxy(type);
    if (inPod || type === LoadBalancerType.KubeVip || type === LoadBalancerType.External) return [];
    const expected = "'kube-vip', 'external', or placement 'nodeLocal'";
    return [fault("loadBalancer.type", type, `${expected}: on a host it comes by package, and ${path} installs none`)];
}
