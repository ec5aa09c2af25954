export interface NetworkArgs {
    /**
     * The pods' addresses (CIDR); two, of IPv4 and IPv6, with a comma for a dual-stack cluster. Every node takes a /24 of
     * IPv4, a /64 of IPv6. Cannot be changed on a live cluster.
     * @default "10.244.0.0/16"
     */
    podSubnet?: string;
    /** The services' addresses; of the same families as `podSubnet`. Cannot be changed on a live cluster. @default "10.96.0.0/12" */
    serviceSubnet?: string;
    /** @default "cluster.local" */
    dnsDomain?: string;
    /**
     * kube-proxy's mode, or `none` with a CNI plugin that replaces it. A change restarts kube-proxy's pods one after the
     * other; `none` removes them, and the rules that they made stay until a node restarts. `ipvs` needs the kernel's ip_vs.
     * @default "iptables"
     */
    kubeProxy?: KubeProxyMode;
}

/** How Services reach their pods: kube-proxy's modes, or none where the CNI plugin does it itself. */
export const KubeProxyMode = { Iptables: "iptables", Nftables: "nftables", Ipvs: "ipvs", None: "none" } as const;
export type KubeProxyMode = (typeof KubeProxyMode)[keyof typeof KubeProxyMode];

/** The CNI plugins; `none` leaves nodes NotReady until one is brought. */
export const CniPlugin = { Flannel: "flannel", Calico: "calico", Cilium: "cilium", None: "none" } as const;
export type CniPlugin = (typeof CniPlugin)[keyof typeof CniPlugin];

/** How packets travel between nodes: in VXLAN, or as they are, by routes that each node has (host-gw) or is told (BGP). */
export const CniMode = { Vxlan: "vxlan", HostGateway: "host-gw", Bgp: "bgp" } as const;
export type CniMode = (typeof CniMode)[keyof typeof CniMode];

export interface CniArgs {
    /** Another plugin on a live cluster leaves every pod without a network until it is made anew. @default "flannel" */
    plugin?: CniPlugin;
    /**
     * flannel: `vxlan`, or `host-gw` (all nodes on one network segment). Calico: `vxlan`, which wraps what crosses segments and
     * nothing else, or `bgp` (all nodes on one segment, or routers between that are BGP peers). @default "vxlan"
     */
    mode?: CniMode;
    /** The pods' MTU. @default the plugin's own choice: the interface's, less what it adds */
    mtu?: number;
    /** Calico's manifest. @default upstream's of the pinned version and of `mode` */
    manifest?: ManifestSource;
    /** Cilium's Helm chart. @default upstream's of the pinned version */
    chart?: ChartSource;
    /** Values for Cilium's chart, over those that follow from the cluster (pod subnet, kube-proxy replacement, MTU). */
    values?: Record<string, unknown>;
}

/** A manifest from elsewhere, read by the program itself. */
export interface ManifestSource {
    /** An http(s) URL, or a file. */
    uri: string;
    /** Of its bytes, in hex: another content is refused. */
    sha256: string;
}

export interface ChartSource {
    /** A Helm repository's URL. */
    repository: string;
    version: string;
}
