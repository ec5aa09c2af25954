import { Fault, fault, inRange, oneOf } from "../lib/faults";
import { KubeProxyMode, NetworkSettings, Subnets } from "./network";

/** The CNI plugins; `none` leaves nodes NotReady until one is brought. */
export const CniPlugin = { Flannel: "flannel", Calico: "calico", Cilium: "cilium", None: "none" } as const;
export type CniPlugin = (typeof CniPlugin)[keyof typeof CniPlugin];

/**
 * How packets travel between nodes: in VXLAN or in IP packets (IP-in-IP), or as they are, by routes that each node has
 * (host-gw) or is told (BGP).
 */
export const CniMode = { Vxlan: "vxlan", HostGateway: "host-gw", Bgp: "bgp", Ipip: "ipip" } as const;
export type CniMode = (typeof CniMode)[keyof typeof CniMode];

export interface CniArgs {
    /**
     * `flannel`, `calico`, `cilium`, or `none`: nodes stay NotReady until you install a plugin.
     * @default "flannel"
     * @change Pods lose their network until they are recreated; where a host has a firewall, its openings are rolled
     * out.
     */
    plugin?: CniPlugin;
    /**
     * flannel: `vxlan`, or `host-gw` (one network segment). Calico: `vxlan` (encapsulates traffic between segments
     * only), `ipip` (IP-in-IP for all traffic between nodes; IPv4 alone), or `bgp` (one segment, or routers that are
     * BGP peers: examples/calico-bgp).
     * @default "vxlan"
     * @change Applied, and where a host has a firewall, its openings are rolled out. Connections between pods of
     * different nodes may be interrupted until the `up` ends. With Calico also its default pools of addresses change:
     * docs/runbooks.md#change-calicos-mode.
     */
    mode?: CniMode;
    /**
     * The pods' MTU, 576 to 65535.
     * @asType integer
     * @otherwise the plugin's: the interface's, less what it adds
     * @change Applied.
     */
    mtu?: number;
    /** Calico's manifest. @otherwise upstream's of the pinned version, changed as `mode` asks */
    manifest?: ManifestSource;
    /** Cilium's Helm chart. @otherwise upstream's of the pinned version */
    chart?: ChartSource;
    /**
     * Values for the chart. They override the values that follow from the cluster (pod subnet, kube-proxy replacement,
     * MTU).
     * @change Applied.
     */
    values?: Record<string, unknown>;
}

/** A manifest from elsewhere, read by the program itself. */
export interface ManifestSource {
    /**
     * Calico's manifest.
     * @kind URL or path
     * @otherwise upstream's, 3.28.5
     * @change Applied.
     */
    uri?: string;
    /**
     * The checksum of the manifest; another content is refused.
     * @otherwise the pinned one
     * @change Applied.
     */
    sha256?: string;
}

export interface ChartSource {
    /**
     * The Helm repository of Cilium's chart.
     * @kind URL
     * @default "https://helm.cilium.io"
     * @change Applied.
     */
    repository?: string;
    /**
     * The version of the chart.
     * @default "1.20.2"
     * @change Applied.
     */
    version?: string;
}

const MODES: Partial<Record<CniPlugin, readonly CniMode[]>> = {
    [CniPlugin.Flannel]: [CniMode.Vxlan, CniMode.HostGateway],
    [CniPlugin.Calico]: [CniMode.Vxlan, CniMode.Bgp, CniMode.Ipip],
};

/** Which plugin reads which of the options; the others read none. */
const READERS: Partial<Record<keyof CniArgs, CniPlugin>> = {
    manifest: CniPlugin.Calico,
    chart: CniPlugin.Cilium,
    values: CniPlugin.Cilium,
};

export type CniSettings = CniArgs & { plugin: CniPlugin };

export function resolveCni(args: CniArgs = {}): CniSettings {
    const plugin = args.plugin ?? CniPlugin.Flannel;
    return { ...args, plugin, mode: args.mode ?? MODES[plugin]?.[0] };
}

export function cniFaults(
    cni: CniSettings,
    { kubeProxy, podSubnets }: NetworkSettings,
    kubeProxyConfiguration: Record<string, unknown>,
): Fault[] {
    const { plugin } = cni;
    return [
        ...oneOf("cni.plugin", cni.plugin, CniPlugin),
        ...modeFaults(plugin, cni.mode, podSubnets),
        ...(inRange(cni.mtu, 576, 65535) ? [] : [fault("cni.mtu", cni.mtu, "bytes, 576 to 65535")]),
        ...sourceFaults(plugin, cni),
        ...oneOf("network.kubeProxy", kubeProxy, KubeProxyMode),
        ...kubeProxyFaults(plugin, kubeProxy, kubeProxyConfiguration.mode),
    ];
}

function modeFaults(plugin: CniPlugin, mode: CniMode | undefined, { v6 }: Subnets): Fault[] {
    if (mode === undefined) return [];
    const allowed = MODES[plugin];
    if (!allowed) {
        return [fault("cni.mode", mode, `none, because cni.plugin '${plugin}' sets its mode by its own options`)];
    }
    if (!allowed.includes(mode)) return [fault("cni.mode", mode, `${allowed.join(" or ")} (cni.plugin '${plugin}')`)];
    // The kernel's tunnel takes IPv4 packets alone, and an IPv6 pool of Calico's has no field for it.
    return mode === CniMode.Ipip && v6 !== undefined
        ? [fault("cni.mode", mode, `vxlan or bgp, because IP-in-IP carries IPv4 alone and network.podSubnet has ${v6}`)]
        : [];
}

function sourceFaults(plugin: CniPlugin, cni: CniArgs): Fault[] {
    const unread = Object.entries(READERS)
        .filter(([option, reader]) => cni[option as keyof CniArgs] !== undefined && reader !== plugin)
        .map(([option, reader]) => fault(`cni.${option}`, {}, `none: only cni.plugin '${reader}' uses it`));
    const { manifest, chart } = cni;
    return [
        ...unread,
        ...(manifest?.uri === "" ? [fault("cni.manifest.uri", manifest.uri, "a URL or a file")] : []),
        ...(manifest?.sha256 !== undefined && !/^[0-9a-f]{64}$/.test(manifest.sha256)
            ? [fault("cni.manifest.sha256", manifest.sha256, "64 hexadecimal digits (`sha256sum FILE`)")]
            : []),
        ...(chart?.repository !== undefined && !/^(https?|oci):\/\//.test(chart.repository)
            ? [fault("cni.chart.repository", chart.repository, "a Helm repository's URL")]
            : []),
        ...(chart?.version === "" ? [fault("cni.chart.version", chart.version, "the chart's version")] : []),
    ];
}

function kubeProxyFaults(plugin: CniPlugin, mode: KubeProxyMode, configured: unknown): Fault[] {
    const faults: Fault[] = [];
    if (configured !== undefined) {
        faults.push(fault("kubeProxyConfiguration.mode", configured, "none: set network.kubeProxy instead"));
    }
    if (mode === KubeProxyMode.None && (plugin === CniPlugin.Flannel || plugin === CniPlugin.Calico)) {
        faults.push(
            fault(
                "network.kubeProxy",
                mode,
                `another mode, because cni.plugin '${plugin}' needs kube-proxy for Services`,
            ),
        );
    }
    return faults;
}
