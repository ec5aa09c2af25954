import * as pulumi from "@pulumi/pulumi";

/** A package repository, of Debian's form or (for `osFamily: redhat`) rpm's, and the key that signs it. */
export interface PackageRepositoryArgs {
    /** Where it is: the URI of a `deb` line, or the `baseurl`, which may have dnf's variables. */
    uri: string;
    /** Suite and components of the `deb` line; "/" for a flat repository. Left out with rpm. */
    suite?: string;
    /** The signing key: an armored public key, or `<fingerprint> <URL>`: fetched by the host, refused when its fingerprint differs. */
    key: string;
}

/** How a registry, or a mirror of one, is spoken to. A change reaches the next pull; nothing is restarted. */
export interface RegistryArgs {
    /** @default anonymous */
    username?: string;
    /** Kept as a secret, as every step that carries it; on hosts readable by root alone. */
    password?: pulumi.Input<string>;
    /** The CA that signed its certificate, PEM. @default the host's own CAs */
    caCertificate?: string;
}

/** A proxy through which hosts fetch packages and images. The cluster's own traffic never takes it. */
export interface ProxyArgs {
    /** For http:// URLs. @default none */
    http?: string;
    /** For https:// URLs. @default none */
    https?: string;
    /** Hosts, domains and networks that are reached without it, besides the cluster's own. @default [] */
    no?: string[];
}

/** etcd's programs for members under systemd: upstream's archive or one like it, or a Debian package. */
export interface EtcdSourceArgs {
    /** The archive (tar.gz) that has `etcd` in it; `{arch}` stands for amd64 or arm64. @default github.com/etcd-io/etcd, the release that goes with the Kubernetes version */
    uri?: string;
    /** The archive's checksum by architecture, `{"amd64": "…"}`; required with `uri`. */
    sha256?: Record<string, string>;
    /** A package of the hosts' own repositories that brings /usr/bin/etcd, instead of an archive. Debian's own are older than Kubernetes wants (3.5.24). */
    package?: string;
}

/** A file that hosts fetch: one program, or an archive of some. */
export interface BinaryArgs {
    /** Where it is; `{arch}` stands for amd64 or arm64. @default upstream's release, or the mirror's copy of it */
    uri?: string;
    /** Its checksum by architecture, `{"amd64": "…"}`; another content is refused. Required with `uri`, and for a version that has none pinned here. */
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
     * The base URL of a mirror that has upstream's files by host and path, as `wget --force-directories` makes them:
     * `<mirror>/dl.k8s.io/release/…`, `<mirror>/github.com/…`; etcd's archive too. @default upstream itself
     */
    mirror?: string;
    /** @default dl.k8s.io, of the Kubernetes version */
    kubeadm?: BinaryArgs;
    /** @default dl.k8s.io, of the Kubernetes version */
    kubelet?: BinaryArgs;
    /** @default dl.k8s.io, of the Kubernetes version */
    kubectl?: BinaryArgs;
    /** An archive with `bin/containerd` and what belongs to it. @default containerd's release, 2.3.4, linked statically */
    containerd?: BinaryArgs;
    /** @default its release, 1.4.3 */
    runc?: BinaryArgs;
    /** An archive with the CNI project's plugins. @default its release, 1.9.1 */
    cniPlugins?: BinaryArgs;
    /** An archive with crictl. @default cri-tools' release, 1.36.0 */
    crictl?: BinaryArgs;
}

/** Where everything from outside comes from. Each default is the public upstream; each can be a mirror (air-gapped sites). */
export interface SourcesArgs {
    /** kubeadm, kubelet, kubectl, cri-tools, kubernetes-cni. @default pkgs.k8s.io, of the version's minor */
    kubernetes?: PackageRepositoryArgs;
    /** containerd.io. @default download.docker.com */
    containerd?: PackageRepositoryArgs;
    /** Programs as files, not as packages; `{}` for upstream's releases. @default packages */
    binaries?: BinariesArgs;
    /** For members under systemd. A change is rolled out, member by member. */
    etcd?: EtcdSourceArgs;
    /** Registry name to the mirror that serves it, as containerd's hosts.toml has it: `{"registry.k8s.io": "http://10.0.0.2:5000"}`. @default {} */
    registryMirrors?: Record<string, string>;
    /** Credentials and CAs of registries and mirrors, by `host` or `host:port`. @default {} */
    registries?: Record<string, RegistryArgs>;
    /** A change restarts containerd (what runs goes on), node by node. @default none */
    proxy?: ProxyArgs;
    /** kubeadm's imageRepository. @default "registry.k8s.io" */
    imageRepository?: string;
}
