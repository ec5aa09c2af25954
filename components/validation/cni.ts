import type { ClusterArgs } from "../clusterArgs";
import { CniArgs, CniMode, CniPlugin, KubeProxyMode } from "../types";
import { Fault, fault, inRange, oneOf } from "./fault";

const MODES: Partial<Record<CniPlugin, readonly CniMode[]>> = {
    [CniPlugin.Flannel]: [CniMode.Vxlan, CniMode.HostGateway],
    [CniPlugin.Calico]: [CniMode.Vxlan, CniMode.Bgp],
};

/** Which plugin reads which of the options; the others read none. */
const READERS: Partial<Record<keyof CniArgs, CniPlugin>> = {
    manifest: CniPlugin.Calico,
    chart: CniPlugin.Cilium,
    values: CniPlugin.Cilium,
};

export function cniFaults({ cni = {}, network = {}, kubeProxyConfiguration = {} }: ClusterArgs): Fault[] {
    const { plugin = CniPlugin.Flannel } = cni;
    return [
        ...oneOf("cni.plugin", cni.plugin, CniPlugin),
        ...modeFaults(plugin, cni.mode),
        ...(inRange(cni.mtu, 576, 65535) ? [] : [fault("cni.mtu", cni.mtu, "bytes, 576 to 65535")]),
        ...sourceFaults(plugin, cni),
        ...oneOf("network.kubeProxy", network.kubeProxy, KubeProxyMode),
        ...kubeProxyFaults(plugin, network.kubeProxy, kubeProxyConfiguration.mode),
    ];
}

function modeFaults(plugin: CniPlugin, mode: CniMode | undefined): Fault[] {
    if (mode === undefined) return [];
    const allowed = MODES[plugin];
    if (!allowed) return [fault("cni.mode", mode, `none: cni.plugin '${plugin}' is told by its own options`)];
    return allowed.includes(mode) ? [] : [fault("cni.mode", mode, `${allowed.join(" or ")} (cni.plugin '${plugin}')`)];
}

function sourceFaults(plugin: CniPlugin, cni: CniArgs): Fault[] {
    const unread = Object.entries(READERS)
        .filter(([option, reader]) => cni[option as keyof CniArgs] !== undefined && reader !== plugin)
        .map(([option, reader]) => fault(`cni.${option}`, {}, `none: it is for cni.plugin '${reader}'`));
    const { manifest, chart } = cni;
    return [
        ...unread,
        ...(manifest && !manifest.uri ? [fault("cni.manifest.uri", manifest.uri, "a URL or a file")] : []),
        ...(manifest && !/^[0-9a-f]{64}$/.test(manifest.sha256 ?? "")
            ? [fault("cni.manifest.sha256", manifest.sha256, "64 hexadecimal digits (`sha256sum FILE`)")]
            : []),
        ...(chart && !/^(https?|oci):\/\//.test(chart.repository ?? "")
            ? [fault("cni.chart.repository", chart.repository, "a Helm repository's URL")]
            : []),
        ...(chart && !chart.version ? [fault("cni.chart.version", chart.version, "the chart's version")] : []),
    ];
}

function kubeProxyFaults(plugin: CniPlugin, mode: KubeProxyMode | undefined, configured: unknown): Fault[] {
    const faults: Fault[] = [];
    if (configured !== undefined)
        faults.push(fault("kubeProxyConfiguration.mode", configured, "none: network.kubeProxy is the mode"));
    if (mode === KubeProxyMode.None && (plugin === CniPlugin.Flannel || plugin === CniPlugin.Calico))
        faults.push(fault("network.kubeProxy", mode, `a mode: cni.plugin '${plugin}' leaves Services to kube-proxy`));
    return faults;
}
