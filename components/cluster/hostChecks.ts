import { neededCommands } from "../host/binaries";
import { firewallChecks } from "../host/firewall";
import { needsVrrp } from "../host/openings";
import { HostKind, PreflightChecks, isNode } from "../host/preflight";
import { authorityRows } from "../host/registries";
import { httpProxyParameters, programSource } from "../host/runtime";
import { memberSources, runtimeSources } from "../host/sources";
import { balancerImages, balancerServices } from "../load-balancer/parts";
import { hostPort } from "../lib/addresses";
import { PORTS } from "../lib/ports";
import { ClusterSettings, ClusterShape } from "../model/cluster";
import { CniMode, CniPlugin } from "../model/cni";
import { EtcdRuntime, isStacked, onControlPlane } from "../model/etcd";
import { HostSettings, HostShape } from "../model/hosts";
import { KubeProxyMode, routedServices } from "../model/network";
import { LoadBalancerPlacement, isProxy, placementWord } from "../model/loadBalancerType";
import { StorageProvisioner } from "../model/storage";

/** The checks in which hosts of one kind differ from those of another. */
export type OwnChecks = Pick<
    PreflightChecks,
    | "ports"
    | "etcdLayout"
    | "network"
    | "etcdData"
    | "mustReach"
    | "swapAllowed"
    | "lvsBackends"
    | "balancerServices"
    | "virtualAddress"
>;

/** The preflight checks of every host of a kind. */
export const kindChecks = (settings: ClusterSettings, kind: HostKind) => ({
    preflight: settings.preflight,
    packageSource: programSource(settings),
    osFamily: settings.osFamily,
    proxy: httpProxyParameters(settings),
    // Without a kubelet, swap does no harm.
    swapAllowed: kind === "loadBalancer" || settings.kubeletConfiguration.failSwapOn === false,
    // A host with etcd alone calls no endpoint.
    ...(kind === "etcd" ? {} : { endpoint: endpointCheck(settings) }),
    ...(isNode(kind) ? nodeChecks(settings) : {}),
    ...programChecks(settings, kind),
});

const endpointCheck = ({ endpoint, loadBalancer }: ClusterSettings): PreflightChecks["endpoint"] => ({
    text: hostPort(endpoint.host, endpoint.port),
    placement: placementWord(loadBalancer),
});

/** The checks for kube-proxy, the CNI plug-in and the DNS cache. */
function nodeChecks({ network, cni, coreDns, kubeletConfiguration }: ClusterSettings): Partial<PreflightChecks> {
    return {
        kubeProxy: network.kubeProxy,
        serviceAddresses: routedServices(network),
        installsCni: cni.plugin !== CniPlugin.None,
        installsContainerd: true,
        // CoreDNS with servers of its own asks none of the host's.
        resolvConf:
            coreDns.forward === undefined ? ((kubeletConfiguration.resolvConf as string | undefined) ?? "") : undefined,
        dummyInterface: coreDns.nodeLocalCache !== undefined,
        ipipTunnel: cni.mode === CniMode.Ipip,
    };
}

/** How the host's programs come. A host with etcd alone has a kubelet only for static pods. */
function programChecks(settings: ClusterSettings, kind: HostKind): Partial<PreflightChecks> {
    const { sources, etcd, storage, kubernetesVersion } = settings;
    const kubelet = kind !== "etcd" || etcd.runtime === EtcdRuntime.StaticPod;
    const nfs = kind !== "etcd" && storage?.provisioner === StorageProvisioner.Nfs;
    return {
        ...(kubelet ? { kubernetesVersion } : {}),
        staticBinaries: sources.binaries !== undefined && kubelet,
        neededCommands: neededCommands(sources.binaries, { kubelet, nfs }),
    };
}

/** The images of kubeadm's that carry Kubernetes' own version. kubeadm chooses the versions of CoreDNS and of stacked etcd. */
const versionedImages = ({ network, sources, kubernetesVersion }: ClusterShape): string[] =>
    [
        ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"],
        ...(network.kubeProxy === KubeProxyMode.None ? [] : ["kube-proxy"]),
    ].map((name) => `${sources.imageRepository}/${name}:v${kubernetesVersion}`);

/** What `prepare` will download on a host. A balancer's programs are the distribution's. */
export function hostSources(
    settings: ClusterShape,
    host: Pick<HostShape, "setup">,
    kind: HostKind,
): PreflightChecks["sources"] {
    const { etcd, sources } = settings;
    const authorities = authorityRows(sources.registries);
    const isMember = kind === "etcd" || (kind === "controlPlane" && onControlPlane(etcd) && !isStacked(etcd));
    const member = isMember ? memberSources(etcd) : [];
    if (kind === "loadBalancer") return undefined;
    if (kind === "etcd" && etcd.runtime === EtcdRuntime.Systemd) return { rows: member, authorities };
    const images = [
        ...(kind === "controlPlane" ? versionedImages(settings) : []),
        ...(isMember && etcd.runtime === EtcdRuntime.StaticPod ? [etcd.image] : []),
        ...(isNode(kind) ? balancerImages(settings.loadBalancer, kind === "controlPlane") : []),
    ];
    return { rows: [...runtimeSources(settings, host, images), ...member], authorities };
}

/** The checks of one host's firewall. */
export function hostFirewallChecks(
    { firewall, loadBalancer, network }: ClusterSettings,
    host: HostSettings,
    kind: HostKind,
): PreflightChecks["firewall"] {
    const onControlPlane = loadBalancer.placement === LoadBalancerPlacement.ControlPlane;
    const balances = kind === "loadBalancer" || (kind === "controlPlane" && onControlPlane);
    return firewallChecks(firewall, host, {
        network: isNode(kind) ? network : undefined,
        vrrp: balances && needsVrrp(loadBalancer),
    });
}

/** The checks of a host of the load balancer. */
export const balancerChecks = ({
    loadBalancer,
}: ClusterSettings): Pick<OwnChecks, "balancerServices" | "virtualAddress"> => ({
    balancerServices: balancerServices(loadBalancer),
    virtualAddress:
        loadBalancer.virtualAddress === undefined
            ? undefined
            : {
                  address: loadBalancer.virtualAddress,
                  hosts: loadBalancer.balancers.map(({ privateAddress }) => privateAddress),
              },
});

export const apiServers = ({ loadBalancer }: ClusterSettings): string[] =>
    loadBalancer.backends.map(({ address }) => address);

/** The ports that must be free on a new host, by its kind. */
export function portsOf(settings: ClusterSettings): Record<"controlPlane" | "worker" | "loadBalancer", number[]> {
    const { apiServer, etcdClient, etcdPeer, kubelet, scheduler, controllerManager } = PORTS;
    const { type, placement, port, proxy } = settings.loadBalancer;
    const balancer = isProxy(type) ? [port, ...(proxy.stats ? [proxy.stats.port] : [])] : [];
    const onNodes = placement === LoadBalancerPlacement.Dedicated ? [] : balancer;
    const member = onControlPlane(settings.etcd) ? [etcdClient, etcdPeer] : [];
    return {
        controlPlane: [apiServer, ...member, kubelet, scheduler, controllerManager, ...onNodes],
        worker: [kubelet, ...(placement === LoadBalancerPlacement.NodeLocal ? balancer : [])],
        loadBalancer: balancer,
    };
}
