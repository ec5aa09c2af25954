import * as pulumi from "@pulumi/pulumi";
import { ClusterArgs } from "./clusterArgs";
import { ClusterConfiguration } from "./clusterConfiguration";
import { ClusterPki } from "./clusterPki";
import { bootstrapToken } from "./config/bootstrapToken";
import { byFamily } from "./config/families";
import type { EtcdAccess } from "./clusterEtcd";
import { DEFAULT_MAX_UNAVAILABLE, PORTS } from "./constants";
import { ControlPlaneNode } from "./controlPlaneNode";
import { proxyParameters } from "./hostSources";
import { etcdMachine } from "./etcdSteps";
import { layoutOf, onControlPlane, onDedicatedHosts } from "./etcdSettings";
import { isProxy } from "./loadBalancerSettings";
import { allPassed, Machine, MachineArgs } from "./machine";
import { ClusterSettings, endpointText } from "./settings";
import { CniPlugin, EtcdTopology, HostArgs, LoadBalancerPlacement, NodeArgs } from "./types";
import { WorkerNode } from "./workerNode";

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

type MachineKind = Pick<MachineArgs, "kind" | "ports" | "etcdLayout" | "mustReach" | "swapAllowed">;

function machinesOf(context: Context, hosts: HostArgs[], kind: MachineKind): Machine[] {
    const { name, args, settings, pki, child } = context;
    const { placement } = settings.loadBalancer;
    const shared = {
        ssh: args.ssh,
        owner: pki.id,
        packageSource: settings.sources.kubernetes.uri,
        osFamily: settings.osFamily,
        proxy: proxyParameters(settings),
        ...(kind.kind === "controlPlane" || kind.kind === "worker" ? nodeChecks(settings) : {}),
        swapAllowed: settings.kubeletConfiguration.failSwapOn === false,
        // A host of etcd alone calls no endpoint.
        endpoint:
            kind.kind === "etcd"
                ? undefined
                : { text: endpointText(settings.endpoint), placement: placement ?? "external" },
        ...kind,
    };
    return hosts.map(
        (host: NodeArgs) =>
            new Machine(`${name}-${host.name}`, { host, secondaryAddress: host.secondaryAddress, ...shared }, child),
    );
}

/** What kube-proxy and flannel ask of a node. */
function nodeChecks({ network, cni }: ClusterSettings): Pick<MachineArgs, "kubeProxy" | "defaultRoutes"> {
    const { v4, v6 } = byFamily(network.podSubnet);
    const families = [...(v4 ? [4 as const] : []), ...(v6 ? [6 as const] : [])];
    return { kubeProxy: network.kubeProxy, defaultRoutes: cni.plugin === CniPlugin.Flannel ? families : [] };
}

/** Created side by side; changed one after the other. */
export function controlPlaneNodes(
    { name, settings, pki, child }: Context,
    machines: Machines,
    etcd: EtcdAccess | undefined,
): ControlPlaneNode[] {
    const nodes: ControlPlaneNode[] = [];
    settings.controlPlaneNodes.forEach((node, i) => {
        const args = {
            node,
            machine: machines.controlPlane[i],
            barrier: machines.allPassed,
            pki,
            settings,
            etcd,
            rolloutAfter: nodes.slice(-1).map((previous) => previous.rollout),
        };
        nodes.push(new ControlPlaneNode(`${name}-${node.name}`, args, child));
    });
    return nodes;
}

/**
 * Joined side by side; changed in batches. A kubelet must not be newer than its apiserver: the configuration, which a
 * join waits for, comes after the control plane's rollout.
 */
export function workerNodes(
    { name, args, settings, pki, child }: Context,
    machines: Machines,
    configuration: ClusterConfiguration,
    network: pulumi.Output<pulumi.Resource[]>,
): WorkerNode[] {
    const batch = args.maxUnavailable ?? DEFAULT_MAX_UNAVAILABLE;
    const nodes: WorkerNode[] = [];
    (args.workerNodes ?? []).forEach((node, i) => {
        const batchStart = Math.floor(i / batch) * batch;
        const previousBatch = nodes.slice(Math.max(0, batchStart - batch), batchStart);
        const workerArgs = {
            node,
            machine: machines.workers[i],
            barrier: machines.allPassed,
            clusterId: pki.id,
            caCertificate: pki.ca.certificate,
            bootstrapToken: pki.serviceAccountKey.apply((key) => {
                const { id, secret } = bootstrapToken(key, node);
                return `${id}.${secret}`;
            }),
            settings,
            joinAfter: [configuration.applied],
            rolloutAfter: network.apply((last) => [...last, ...previousBatch.map((worker) => worker.rollout)]),
        };
        nodes.push(new WorkerNode(`${name}-${node.name}`, workerArgs, child));
    });
    return nodes;
}
