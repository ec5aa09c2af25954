import * as pulumi from "@pulumi/pulumi";
import { memberChecks } from "../etcd/members";
import { preflightBarrier } from "../host/barrier";
import { neededCommands } from "../host/binaries";
import { firewallChecks } from "../host/firewall";
import { Host } from "../host/host";
import { needsVrrp } from "../host/openings";
import { HostKind, PreflightChecks, isNode } from "../host/preflight";
import { httpProxyParameters, programSource } from "../host/runtime";
import { balancerServices } from "../load-balancer/parts";
import { hostPort } from "../lib/addresses";
import { PORTS } from "../lib/ports";
import { ClusterSettings, ClusterShape } from "../model/cluster";
import { ClusterPlan, PlannedHost } from "../model/clusterPlan";
import { CniMode, CniPlugin } from "../model/cni";
import { EtcdRuntime, EtcdTopology, layoutOf, onControlPlane } from "../model/etcd";
import { HostSettings } from "../model/hosts";
import { networkWords, routedServices } from "../model/network";
import { LoadBalancerPlacement, LoadBalancerType, isProxy, placementWord } from "../model/loadBalancerType";
import { ClusterSecrets } from "../model/secrets";
import { StorageProvisioner } from "../model/storage";
import { ClusterPki } from "./pki";

/** The input of every part of one cluster. */
export interface Context {
    name: string;
    plan: ClusterPlan;
    secrets: ClusterSecrets;
    pki: ClusterPki;
    child: { parent: pulumi.Resource };
}

/** The hosts of a cluster, by what they become, and the barrier before the first change of any of them. */
export interface ClusterHosts {
    controlPlane: Host[];
    workers: Host[];
    loadBalancer: Host[];
    etcd: Host[];
    barrier: pulumi.Resource;
}

export function createHosts(context: Context): ClusterHosts {
    const { name, plan, child } = context;
    const { etcd } = plan.shape;
    const controlPlane = hostsOf(context, "controlPlane", plan.controlPlaneNodes, (settings) => ({
        ports: portsOf(settings).controlPlane,
        ...(settings.loadBalancer.placement === LoadBalancerPlacement.ControlPlane ? balancerChecks(settings) : {}),
        etcdLayout: layoutOf(etcd),
        network: networkWords(settings.network),
        etcdData: onControlPlane(etcd) ? etcd.options.dataDir : undefined,
        mustReach: etcd.topology === EtcdTopology.Existing ? settings.etcd.endpoints : [],
    }));
    const workers = hostsOf(context, "worker", plan.workerNodes, (settings) => ({ ports: portsOf(settings).worker }));
    const loadBalancer = hostsOf(context, "loadBalancer", plan.balancerHosts, (settings) => ({
        ports: portsOf(settings).loadBalancer,
        ...balancerChecks(settings),
        lvsBackends: settings.loadBalancer.type === LoadBalancerType.Lvs ? apiServers(settings) : undefined,
    }));
    const members = hostsOf(context, "etcd", plan.etcdHosts, () => memberChecks(etcd));
    const hosts = [...controlPlane, ...workers, ...loadBalancer, ...members];
    return {
        controlPlane,
        workers,
        loadBalancer,
        etcd: members,
        barrier: preflightBarrier(`${name}-checked`, { hosts, checked: plan.checked }, child),
    };
}

/** The checks of a host of the load balancer. */
const balancerChecks = ({ loadBalancer }: ClusterSettings): Pick<OwnChecks, "balancerServices" | "virtualAddress"> => ({
    balancerServices: balancerServices(loadBalancer),
    virtualAddress:
        loadBalancer.virtualAddress === undefined
            ? undefined
            : {
                  address: loadBalancer.virtualAddress,
                  hosts: loadBalancer.balancers.map(({ privateAddress }) => privateAddress),
              },
});

const apiServers = ({ loadBalancer }: ClusterSettings): string[] => loadBalancer.backends.map(({ address }) => address);

/** The ports that must be free on a new host, by its kind. */
function portsOf(settings: ClusterSettings): Record<"controlPlane" | "worker" | "loadBalancer", number[]> {
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

type OwnChecks = Pick<
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

function hostsOf(
    { name, plan, secrets, pki, child }: Context,
    kind: HostKind,
    hosts: PlannedHost[],
    own: (settings: ClusterSettings) => OwnChecks,
): Host[] {
    const { ssh, fileContents } = secrets;
    const { clusterId, ca } = pki;
    const keyDigests = pki.keyDigests.apply((digests) => keysOnHosts(digests, plan.shape));
    return hosts.map(({ shape, settings }) => {
        const checks = pulumi.all([plan.settings, settings]).apply(([cluster, host]): PreflightChecks => ({
            ...kindChecks(cluster, kind),
            ...own(cluster),
            firewall: hostFirewallChecks(cluster, host, kind),
        }));
        return new Host(
            `${name}-${shape.name}`,
            { shape, settings, kind, ssh, clusterId, ca, keyDigests, checks, fileContents: fileContents[shape.name] },
            child,
        );
    });
}

// The CA of somebody else's etcd may change.
function keysOnHosts(digests: Record<string, string>, { etcd }: ClusterShape): Record<string, string> {
    const { "etcd/ca.crt": etcdCa, ...others } = digests;
    return etcd.topology === EtcdTopology.Existing ? others : { ...others, "etcd/ca.crt": etcdCa };
}

/** The preflight checks of every host of a kind. */
const kindChecks = (settings: ClusterSettings, kind: HostKind) => ({
    preflight: settings.preflight,
    packageSource: programSource(settings),
    osFamily: settings.osFamily,
    proxy: httpProxyParameters(settings),
    swapAllowed: settings.kubeletConfiguration.failSwapOn === false,
    // A host with etcd alone calls no endpoint.
    ...(kind === "etcd" ? {} : { endpoint: endpointCheck(settings) }),
    ...(isNode(kind) ? nodeChecks(settings) : {}),
    ...(kind === "controlPlane" ? { kubernetesVersion: settings.kubernetesVersion } : {}),
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
function programChecks({ sources, etcd, storage }: ClusterSettings, kind: HostKind): Partial<PreflightChecks> {
    const kubelet = kind !== "etcd" || etcd.runtime === EtcdRuntime.StaticPod;
    const nfs = kind !== "etcd" && storage?.provisioner === StorageProvisioner.Nfs;
    return {
        staticBinaries: sources.binaries !== undefined && kubelet,
        neededCommands: neededCommands(sources.binaries, { kubelet, nfs }),
    };
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
