import * as pulumi from "@pulumi/pulumi";
import { ClusterShape } from "../model/cluster";
import { CniMode, CniPlugin } from "../model/cni";
import { KubernetesObject } from "./objects";

interface Container {
    name: string;
    env: { name: string; value?: string; valueFrom?: unknown }[];
    livenessProbe: { exec: { command: string[] } };
    readinessProbe: { exec: { command: string[] } };
}

/**
 * Upstream's manifest for the Kubernetes datastore (manifests/calico-vxlan.yaml), with what its own documentation has one
 * edit by hand: the pods' addresses, the MTU, how packets travel.
 */
export const calicoObjects = (manifest: KubernetesObject[], settings: ClusterShape): KubernetesObject[] =>
    manifest.map((object) => {
        if (object.kind === "ConfigMap" && object.metadata.name === "calico-config") {
            return configured(object, settings);
        }
        if (object.kind === "DaemonSet" && object.metadata.name === "calico-node") return nodes(object, settings);
        return object;
    });

/** BIRD announces routes by BGP, also those that lead into IP-in-IP tunnels; Felix alone writes those of VXLAN. */
const hasBird = ({ cni }: ClusterShape): boolean => cni.mode === CniMode.Bgp || cni.mode === CniMode.Ipip;

const configured = (object: KubernetesObject, settings: ClusterShape): KubernetesObject => ({
    ...object,
    data: {
        ...(object.data as object),
        calico_backend: hasBird(settings) ? "bird" : "vxlan",
        // 0 is Calico's word for "find out".
        veth_mtu: String(settings.cni.mtu ?? 0),
        cni_network_config: networkConfig(object, settings),
    },
});

/** A pod gets an address of each of the cluster's families; of IPv4 alone unless it is said. A text with marks, not JSON. */
function networkConfig({ data }: KubernetesObject, settings: ClusterShape): string {
    const text = (data as Record<string, string>).cni_network_config ?? "";
    const { v4, v6 } = settings.network.podSubnets;
    const ipam = '"type": "calico-ipam"';
    if (!text.includes(ipam)) {
        throw new pulumi.RunError(
            "cni.manifest: got a ConfigMap calico-config without calico-ipam in cni_network_config, expected Calico's manifest with calico-ipam",
        );
    }
    return v6 ? text.replace(ipam, `${ipam}, "assign_ipv4": "${v4 !== undefined}", "assign_ipv6": "true"`) : text;
}

function nodes(object: KubernetesObject, settings: ClusterShape): KubernetesObject {
    const changed = structuredClone(object);
    const { template } = changed.spec as { template: { spec: { containers: Container[] } } };
    const node = template.spec.containers.find(({ name }) => name === "calico-node");
    if (!node) {
        throw new pulumi.RunError(
            "cni.manifest: got a DaemonSet calico-node without a container calico-node, expected Calico's manifest",
        );
    }
    const values = environment(settings);
    node.env = [
        ...node.env.filter(({ name }) => !(name in values)),
        ...Object.entries(values).map(([name, value]) => ({ name, value })),
    ];
    probe(node.livenessProbe, "-bird-live", hasBird(settings));
    probe(node.readinessProbe, "-bird-ready", hasBird(settings));
    return changed;
}

/** How packets to another node travel. Between hosts of one network segment VXLAN leaves them as they are. */
const encapsulation = (settings: ClusterShape): { ipip: string; vxlan: string } => ({
    ipip: settings.cni.mode === CniMode.Ipip ? "Always" : "Never",
    vxlan: hasBird(settings) ? "Never" : "CrossSubnet",
});

/** The pools that Calico makes from this environment, for a live cluster whose mode changes: `name ipipMode vxlanMode`. */
export function calicoPools(settings: ClusterShape): string[] {
    if (settings.cni.plugin !== CniPlugin.Calico) return [];
    const { v4, v6 } = settings.network.podSubnets;
    const { ipip, vxlan } = encapsulation(settings);
    return [
        ...(v4 ? [`default-ipv4-ippool ${ipip} ${vxlan}`] : []),
        ...(v6 ? [`default-ipv6-ippool Never ${vxlan}`] : []),
    ];
}

function environment(settings: ClusterShape): Record<string, string> {
    const { v4, v6 } = settings.network.podSubnets;
    const { ipip, vxlan } = encapsulation(settings);
    return {
        IP_AUTODETECTION_METHOD: "kubernetes-internal-ip",
        // BIRD's routes stay on a node when BIRD ends (`persist` in Calico's bird.cfg.template). After a change to `vxlan` Felix must
        // replace them, which before Calico 3.29 it does only with this gate (felix/routetable/route_table.go).
        ...(hasBird(settings) ? {} : { FELIX_FEATUREGATES: "DeleteConflictingRoutes=enabled" }),
        ...(v4
            ? { CALICO_IPV4POOL_CIDR: v4, CALICO_IPV4POOL_IPIP: ipip, CALICO_IPV4POOL_VXLAN: vxlan }
            : // A BGP router's id is written like an IPv4 address, which there is none of.
              { IP: "none", CALICO_ROUTER_ID: "hash" }),
        ...(v6
            ? {
                  IP6: "autodetect",
                  IP6_AUTODETECTION_METHOD: "kubernetes-internal-ip",
                  FELIX_IPV6SUPPORT: "true",
                  CALICO_IPV6POOL_CIDR: v6,
                  CALICO_IPV6POOL_VXLAN: vxlan,
                  // As with IPv4, where it is the default: nobody outside knows the pods' addresses.
                  CALICO_IPV6POOL_NAT_OUTGOING: "true",
              }
            : {}),
    };
}

function probe({ exec }: Container["livenessProbe"], word: string, wanted: boolean): void {
    exec.command = [...exec.command.filter((other) => other !== word), ...(wanted ? [word] : [])];
}
