import { Fault, fault, oneOf } from "../lib/faults";
import { isHostPort, isUrl } from "../lib/forms";
import { SUPPORTED_MINORS, minorOf } from "../versions/versions";
import { Binaries, BinariesArgs, binaryFaults, checksumFaults, mirrored, resolveBinaries } from "./binaries";
import { ProxyArgs, httpProxyFaults } from "./downloadProxy";
import { OsFamily } from "./osFamily";
import {
    CONTAINERD_REPOSITORY,
    PackageRepositoryArgs,
    kubernetesRepository,
    repositoryFaults,
} from "./packageRepositories";
import { RegistryArgs, RegistrySettings, mirrorFaults, registryFaults } from "./registries";

/** etcd's programs for members under systemd: upstream's archive or one like it, or a Debian package. */
export interface EtcdSourceArgs {
    /**
     * Under systemd: the archive with etcd; `{arch}` stands for amd64 or arm64.
     * @kind URL
     * @otherwise the release on github.com/etcd-io/etcd for `kubernetesVersion`
     * @change Rolled out member by member.
     */
    uri?: string;
    /**
     * The checksum of the archive by architecture, `{ amd64: … }`; required with `uri`.
     * @otherwise the pinned ones
     * @change Rolled out member by member.
     */
    sha256?: Record<string, string>;
    /**
     * A package of the hosts' repositories that has /usr/bin/etcd, instead of the archive. Debian's own are older than
     * Kubernetes requires (3.5.24).
     * @change Rolled out member by member.
     */
    package?: string;
}

/** Where everything from outside comes from. Each default is the public upstream; each can be a mirror (air-gapped sites). */
export interface SourcesArgs {
    /** kubeadm, kubelet, kubectl, cri-tools, kubernetes-cni. @otherwise pkgs.k8s.io, of the version's minor */
    kubernetes?: PackageRepositoryArgs;
    /** containerd.io. @otherwise download.docker.com */
    containerd?: PackageRepositoryArgs;
    /**
     * Installs programs as files instead of packages (`{}` for upstream's releases). The package manager is not
     * called. Preflight names the other commands that a host lacks (jq, iptables, …). haproxy, nginx and keepalived on
     * a host are packages, so the load balancer must be kube-vip, external or `nodeLocal`.
     * @otherwise none: packages
     * @change Adding or removing it is refused for a live host.
     */
    binaries?: BinariesArgs;
    /** For members under systemd. A change is rolled out, member by member. */
    etcd?: EtcdSourceArgs;
    /**
     * The mirror (URL) of each registry, for containerd's hosts.toml: `{ registry.k8s.io: "http://10.0.0.2:5000" }`. A
     * URL with a path is the whole root of the mirror's API, with `v2` in it: `https://harbor.example.com/v2/k8s` for
     * a project of Harbor, `https://nexus.example.com/repository/k8s/v2` for a repository of Nexus. Where the
     * mirror fails or lacks an image, containerd asks the registry itself and reports nothing.
     * @change The next pull uses it; nothing restarts.
     */
    registryMirrors?: Record<string, string>;
    /** Credentials and CAs of registries and mirrors, by `host` or `host:port`. @default {} */
    registries?: Record<string, RegistryArgs>;
    /** A change is rolled out, node by node, and restarts containerd. */
    proxy?: ProxyArgs;
    /**
     * kubeadm's `imageRepository`.
     * @default "registry.k8s.io"
     * @change Rolled out.
     */
    imageRepository?: string;
}

/** etcd's release archives; Debian's packages are older than kube-apiserver wants (kubeadm constants.MinExternalEtcdVersion). */
export const etcdArchive = (kubernetesVersion: string): EtcdSourceArgs => {
    const { version, sha256 } = SUPPORTED_MINORS[minorOf(kubernetesVersion)].etcd;
    const uri = `https://github.com/etcd-io/etcd/releases/download/v${version}/etcd-v${version}-linux-{arch}.tar.gz`;
    return { uri, sha256 };
};

/** Where programs and images come from, with every default filled in. */
export interface SourcesSettings {
    kubernetes: PackageRepositoryArgs;
    containerd: PackageRepositoryArgs;
    /** Programs as files; then no package is installed. */
    binaries?: Binaries;
    etcd: EtcdSourceArgs;
    registryMirrors: Record<string, string>;
    registries: Record<string, RegistrySettings>;
    proxy?: ProxyArgs;
    imageRepository: string;
}

export const resolveSources = (
    args: SourcesArgs = {},
    kubernetesVersion: string,
    osFamily: OsFamily,
): SourcesSettings => ({
    kubernetes: args.kubernetes ?? kubernetesRepository(kubernetesVersion, osFamily),
    containerd: args.containerd ?? CONTAINERD_REPOSITORY[osFamily],
    binaries: resolveBinaries(args.binaries, kubernetesVersion),
    etcd: resolveEtcdArchive(args, kubernetesVersion),
    registryMirrors: args.registryMirrors ?? {},
    registries: Object.fromEntries(
        Object.entries(args.registries ?? {}).map(([host, { username, caCertificate }]) => [
            host,
            { username, caCertificate },
        ]),
    ),
    proxy: args.proxy,
    imageRepository: args.imageRepository ?? "registry.k8s.io",
});

/** etcd's archive, from the mirror where there is one. */
function resolveEtcdArchive({ etcd, binaries }: SourcesArgs, kubernetesVersion: string): EtcdSourceArgs {
    const { uri, sha256 } = etcdArchive(kubernetesVersion);
    return etcd ?? { uri: mirrored(uri ?? "", binaries?.mirror), sha256 };
}

export function sourceFaults(sources: SourcesArgs, osFamily: OsFamily, kubernetesVersion: string): Fault[] {
    return [
        ...Object.entries(sources.registryMirrors ?? {}).flatMap(mirrorFaults),
        ...imageRepositoryFaults(sources.imageRepository),
        ...Object.entries(sources.registries ?? {}).flatMap(registryFaults),
        ...httpProxyFaults(sources.proxy),
        ...oneOf("osFamily", osFamily, OsFamily),
        ...repositoryFaults("sources.kubernetes", sources.kubernetes, osFamily),
        ...repositoryFaults("sources.containerd", sources.containerd, osFamily),
        ...etcdSourceFaults(sources.etcd),
        ...binarySourceFaults(sources, kubernetesVersion),
    ];
}

/** As in an image's name (distribution/reference): a host and a path, no scheme and no tag. */
function imageRepositoryFaults(repository: string | undefined): Fault[] {
    const [host, ...path] = (repository ?? "registry.k8s.io").split("/");
    return isHostPort(host) && path.every((part) => /^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(part))
        ? []
        : [fault("sources.imageRepository", repository, "a registry and a path, e.g. 'registry.example.com/k8s'")];
}

/** Programs as files, and that nothing else asks for a package. */
export function binarySourceFaults(
    { binaries, kubernetes, containerd, etcd }: SourcesArgs,
    kubernetesVersion: string,
): Fault[] {
    if (binaries === undefined) return [];
    const unread = { kubernetes, containerd, "etcd.package": etcd?.package };
    return [
        ...binaryFaults(binaries, kubernetesVersion),
        ...Object.entries(unread)
            .filter(([, given]) => given !== undefined)
            .map(([key, given]) =>
                fault(`sources.${key}`, given, "none, because sources.binaries installs no package"),
            ),
    ];
}

/** An archive with its checksum, or a package. */
export function etcdSourceFaults(source: EtcdSourceArgs | undefined): Fault[] {
    if (source === undefined) return [];
    const { uri, sha256, package: name } = source;
    const path = "sources.etcd";
    if (name !== undefined) {
        const archive = uri ?? sha256;
        if (!/^[A-Za-z0-9][\w.+~:=-]*$/.test(name)) return [fault(`${path}.package`, name, "the name of a package")];
        return archive === undefined
            ? []
            : [
                  fault(
                      `${path}.package`,
                      name,
                      "none, because uri and sha256 name an archive: set either the package or the archive",
                  ),
              ];
    }
    const faults: Fault[] = [];
    if (!isUrl(uri ?? "")) {
        faults.push(fault(`${path}.uri`, uri, "the http:// or https:// URL of an archive, or a package instead"));
    }
    if (Object.keys(sha256 ?? {}).length === 0) {
        faults.push(fault(`${path}.sha256`, sha256, 'a checksum by architecture, {"amd64": "…"}'));
    }
    return [...faults, ...checksumFaults(`${path}.sha256`, sha256)];
}
