import * as pulumi from "@pulumi/pulumi";
import { allPassed } from "./barrier";
import { ClusterArgs } from "./clusterArgs";
import { ClusterPki } from "./clusterPki";
import { PORTS } from "./constants";
import { hostFirewallChecks, kindChecks } from "./clusterChecks";
import { etcdMachine } from "./etcdSteps";
import { layoutOf, onControlPlane, onDedicatedHosts } from "./etcdSettings";
import { programSource, proxyParameters } from "./hostSources";
import { isProxy } from "./loadBalancerSettings";
import { Machine, MachineArgs } from "./machine";
import { ClusterSettings, endpointText } from "./settings";
import { EtcdTopology, LoadBalancerPlacement, NodeArgs } from "./types";

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
