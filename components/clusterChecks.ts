import { neededCommands } from "./binaries";
import { byFamily } from "./config/families";
import { needsVrrp } from "./config/firewall";
import { firewallChecks } from "./firewall";
import type { MachineArgs } from "./machine";
import { ClusterSettings } from "./settings";
import { CniPlugin, EtcdRuntime, HostArgs, LoadBalancerPlacement, StorageProvisioner } from "./types";

/** What becomes of a host. */
type Kind = MachineArgs["kind"];

const isNode = (kind: Kind): boolean => kind === "controlPlane" || kind === "worker";

/** What preflight looks at on every host of a kind. */
export const kindChecks = (settings: ClusterSettings, kind: Kind): Partial<MachineArgs> => ({
    ...(isNode(kind) ? nodeChecks(settings) : {}),
    ...(kind === "controlPlane" ? { kubernetesVersion: settings.kubernetesVersion } : {}),
    ...programChecks(settings, kind),
});

/** What kube-proxy, flannel and a DNS cache ask of a node. */
function nodeChecks({ network, cni, coreDns }: ClusterSettings): Partial<MachineArgs> {
    const { v4, v6 } = byFamily(network.podSubnet);
    const families = [...(v4 ? [4 as const] : []), ...(v6 ? [6 as const] : [])];
    return {
        kubeProxy: network.kubeProxy,
        defaultRoutes: cni.plugin === CniPlugin.Flannel ? families : [],
        dummyInterface: coreDns.nodeLocalCache !== undefined,
    };
}

/** How its programs come: a host of etcd alone has a kubelet only for static pods. */
function programChecks({ sources, etcd, storage }: ClusterSettings, kind: Kind): Partial<MachineArgs> {
    const kubelet = kind !== "etcd" || etcd.runtime === EtcdRuntime.StaticPod;
    const nfs = kind !== "etcd" && storage?.provisioner === StorageProvisioner.Nfs;
    return {
        staticBinaries: sources.binaries !== undefined && kubelet,
        neededCommands: neededCommands(sources.binaries, { kubelet, nfs }),
    };
}

/** What one host's firewall will be asked for. */
export function hostFirewallChecks(settings: ClusterSettings, host: HostArgs, kind: Kind): MachineArgs["firewall"] {
    const { loadBalancer, controlPlaneNodes, network } = settings;
    const onControlPlane = loadBalancer.placement === LoadBalancerPlacement.ControlPlane;
    const balances = kind === "loadBalancer" || (kind === "controlPlane" && onControlPlane);
    return firewallChecks(settings.firewall, host, {
        network: isNode(kind) ? network : undefined,
        vrrp: balances && needsVrrp(loadBalancer, onControlPlane ? controlPlaneNodes : loadBalancer.hosts),
    });
}
