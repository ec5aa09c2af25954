import * as pulumi from "@pulumi/pulumi";
import { etcdMachine } from "../etcd/members";
import { allPassed } from "../host/barrier";
import { neededCommands } from "../host/binaries";
import { firewallChecks } from "../host/firewall";
import { Machine, MachineArgs } from "../host/host";
import { needsVrrp } from "../host/openings";
import { programSource, proxyParameters } from "../host/runtime";
import { byFamily } from "../lib/addresses";
import { PORTS } from "../lib/ports";
import { ClusterArgs, ClusterSettings } from "../model/cluster";
import { CniPlugin } from "../model/cni";
import { endpointText } from "../model/controlPlaneEndpoint";
import { EtcdRuntime, EtcdTopology, layoutOf, onControlPlane, onDedicatedHosts } from "../model/etcd";
import { HostArgs, NodeArgs } from "../model/hosts";
import { LoadBalancerPlacement, isProxy } from "../model/loadBalancer";
import { StorageProvisioner } from "../model/storage";
import { ClusterPki } from "./pki";

/** What every part of one cluster is made from. */
export interface Context {
    name: string;
    args: ClusterArgs;
    settings: ClusterSettings;
    pki: ClusterPki;
    child: { parent: pulumi.Resource };
}

/** The machines of a cluster, by what they become, and the barrier before the first change of any of them. */
export interface Machines {
    controlPlane: Machine[];
    workers: Machine[];
    loadBalancer: Machine[];
    etcd: Machine[];
    allPassed: pulumi.Resource;
}

export function checkMachines(context: Context): Machines {
    const { name, args, settings, child } = context;
    const { etcd } = settings;
    const { placement, hosts } = settings.loadBalancer;
    const dedicated = placement === LoadBalancerPlacement.Dedicated;
    const ports = portsOf(settings);

    const controlPlane = machinesOf(context, args.controlPlaneNodes, {
        kind: "controlPlane",
        ports: ports.controlPlane,
        etcdLayout: layoutOf(etcd),
        etcdData: onControlPlane(etcd) ? etcd.options.dataDir : undefined,
        mustReach: etcd.topology === EtcdTopology.Existing ? etcd.endpoints : [],
    });
    const workers = machinesOf(context, args.workerNodes ?? [], { kind: "worker", ports: ports.worker });
    const loadBalancer = machinesOf(context, dedicated ? hosts : [], {
        kind: "loadBalancer",
        ports: ports.loadBalancer,
    });
    const members = machinesOf(context, onDedicatedHosts(etcd) ? etcd.members : [], etcdMachine(etcd));
    const all = [...controlPlane, ...workers, ...loadBalancer, ...members];
    return { controlPlane, workers, loadBalancer, etcd: members, allPassed: allPassed(`${name}-checked`, all, child) };
}

/** What must be free on a host, by what the host becomes. */
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

type MachineKind = Pick<MachineArgs, "kind" | "ports" | "etcdLayout" | "etcdData" | "mustReach" | "swapAllowed">;

function machinesOf(context: Context, hosts: NodeArgs[], kind: MachineKind): Machine[] {
    const { name, args, settings, pki, child } = context;
    const { placement } = settings.loadBalancer;
    const shared = {
        ssh: args.ssh,
        owner: pki.id,
        packageSource: programSource(settings),
        osFamily: settings.osFamily,
        proxy: proxyParameters(settings),
        swapAllowed: settings.kubeletConfiguration.failSwapOn === false,
        // A host of etcd alone calls no endpoint.
        endpoint:
            kind.kind === "etcd"
                ? undefined
                : { text: endpointText(settings.endpoint), placement: placement ?? "external" },
        ...kindChecks(settings, kind.kind),
        ...kind,
    };
    return hosts.map((host) => {
        const firewall = hostFirewallChecks(settings, host, kind.kind);
        const own = { host, secondaryAddress: host.secondaryAddress, firewall };
        return new Machine(`${name}-${host.name}`, { ...shared, ...own }, child);
    });
}

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
