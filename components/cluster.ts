import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";
import { installFlannel } from "./addons/flannel";
import { ClusterPki } from "./clusterPki";
import { ClusterConfiguration } from "./clusterConfiguration";
import { bootstrapToken } from "./config/bootstrapToken";
import { kubeconfig } from "./config/kubeconfig";
import { DEFAULT_MAX_UNAVAILABLE, PORTS } from "./constants";
import { ControlPlaneNode } from "./controlPlaneNode";
import { balancerOf } from "./desiredState";
import { LoadBalancer } from "./loadBalancer";
import { Machine } from "./machine";
import { privateAddressOf } from "./remote/connection";
import { ClusterSettings, endpointText, resolveSettings } from "./settings";
import {
    CniArgs,
    CniPlugin,
    EtcdTopologyArgs,
    HostArgs,
    LoadBalancerPlacement,
    LoadBalancerTopologyArgs,
    NetworkArgs,
    NodeArgs,
    SourcesArgs,
    SshArgs,
} from "./types";
import { validateCluster } from "./validation/cluster";
import { WorkerNode } from "./workerNode";

export interface ClusterArgs {
    /** How the hosts are reached. */
    ssh: SshArgs;
    /** One, three or five (etcd needs a majority). Adding one joins it; removing one drains it and takes its etcd member out. */
    controlPlaneNodes: NodeArgs[];
    /** @default [] */
    workerNodes?: NodeArgs[];
    /** Without the leading v. A change is rolled out, node by node. @default "1.36.3" */
    kubernetesVersion?: string;
    /** The cluster's name in kubeconfigs. @default "kubernetes" */
    clusterName?: string;
    /** A DNS name that leads to the load balancer; clients and nodes use it instead of the address. @default the virtual address, or the balancer's */
    controlPlaneEndpoint?: string;
    /** Further names and addresses for kube-apiserver's certificates. A change renews them, node by node. @default [] */
    certSANs?: string[];
    /** The endpoint in front of the control plane. */
    loadBalancer?: LoadBalancerTopologyArgs;
    etcd?: EtcdTopologyArgs;
    network?: NetworkArgs;
    cni?: CniArgs;
    /** Package repositories, registries and their mirrors. */
    sources?: SourcesArgs;
    /** Fields of the kubelet's configuration (kubelet.config.k8s.io/v1beta1), for all nodes. `cgroupDriver` sets containerd's too. */
    kubeletConfiguration?: Record<string, unknown>;
    /** Fields of kube-proxy's configuration (kubeproxy.config.k8s.io/v1alpha1). */
    kubeProxyConfiguration?: Record<string, unknown>;
    /** containerd's setting of that name, for hosts without CAP_SYS_RESOURCE (nested containers). @default false */
    restrictOomScoreAdj?: boolean;
    /** How many workers a change takes at one time. @default 1 */
    maxUnavailable?: number;
}

/** A highly available Kubernetes cluster on machines of one's own. */
export class Cluster extends pulumi.ComponentResource {
    /** The administrator's kubeconfig (group kubeadm:cluster-admins). A secret. */
    public readonly kubeconfig: pulumi.Output<string>;
    /** `https://host:port` */
    public readonly endpoint: pulumi.Output<string>;
    /** The Kubernetes CA's certificate, PEM. */
    public readonly caCertificate: pulumi.Output<string>;
    /** Node name to the address that the cluster uses, known when every node is Ready. */
    public readonly nodes: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:Cluster", name, {}, opts);
        validateCluster(args);
        const settings = resolveSettings(args);
        const child = { parent: this };

        const pki = new ClusterPki(`${name}-pki`, {}, child);
        const machines = checkMachines(name, args, settings, pki, child);
        const loadBalancer = balance(name, settings, machines, pki, child);
        const controlPlane = controlPlaneNodes(name, settings, machines, pki, child);
        const configuration = new ClusterConfiguration(
            `${name}-configuration`,
            {
                settings,
                pki,
                workerNodes: args.workerNodes ?? [],
                machines: machines.controlPlane,
                controlPlane,
                loadBalancer,
            },
            child,
        );
        const admin = adminKubeconfig(settings, pki);
        const network = installNetwork(name, settings, admin, configuration, child);
        const workers = workerNodes(
            name,
            args,
            settings,
            machines,
            pki,
            { controlPlane, configuration, network },
            child,
        );
        const settled = configuration.settle(`${name}-settle`, [...controlPlane, ...workers], network);

        this.kubeconfig = pulumi.secret(settled.apply(() => admin));
        this.endpoint = pulumi.output(`https://${endpointText(settings.endpoint)}`);
        this.caCertificate = pki.ca.certificate;
        this.nodes = settled.apply(() => nodeAddresses(args));
        this.registerOutputs({
            kubeconfig: this.kubeconfig,
            endpoint: this.endpoint,
            caCertificate: this.caCertificate,
            nodes: this.nodes,
        });
    }
}

type Child = { parent: pulumi.Resource };

/** Every machine of the cluster, by what it becomes; `all` is the barrier before the first change. */
interface Machines {
    controlPlane: Machine[];
    workers: Machine[];
    loadBalancer: Machine[];
    all: Machine[];
}

function checkMachines(
    name: string,
    args: ClusterArgs,
    settings: ClusterSettings,
    pki: ClusterPki,
    opts: Child,
): Machines {
    const check = (hosts: HostArgs[], kind: "controlPlane" | "worker" | "loadBalancer", ports: number[]): Machine[] =>
        hosts.map(
            (host) =>
                new Machine(
                    `${name}-${host.name}`,
                    {
                        host,
                        ssh: args.ssh,
                        kind,
                        ports,
                        owner: pki.id,
                        packageSource: settings.sources.kubernetes.uri,
                        swapAllowed: settings.kubeletConfiguration.failSwapOn === false,
                    },
                    opts,
                ),
        );
    const { apiServer, etcdClient, etcdPeer, kubelet, scheduler, controllerManager } = PORTS;
    const { placement, port, hosts = [] } = settings.loadBalancer;
    const balanced = placement === LoadBalancerPlacement.ControlPlane ? [port] : [];
    const controlPlane = check(args.controlPlaneNodes, "controlPlane", [
        apiServer,
        etcdClient,
        etcdPeer,
        kubelet,
        scheduler,
        controllerManager,
        ...balanced,
    ]);
    const workers = check(args.workerNodes ?? [], "worker", [kubelet]);
    const loadBalancer = check(placement === LoadBalancerPlacement.Dedicated ? hosts : [], "loadBalancer", [port]);
    return { controlPlane, workers, loadBalancer, all: [...controlPlane, ...workers, ...loadBalancer] };
}

function balance(
    name: string,
    settings: ClusterSettings,
    machines: Machines,
    pki: ClusterPki,
    opts: Child,
): LoadBalancer {
    return new LoadBalancer(
        `${name}-lb`,
        {
            ...balancerOf(settings),
            machines: machines.loadBalancer,
            barrier: machines.all,
            owner: pki.id,
        },
        opts,
    );
}

// Created side by side; changed one after the other.
function controlPlaneNodes(
    name: string,
    settings: ClusterSettings,
    machines: Machines,
    pki: ClusterPki,
    opts: Child,
): ControlPlaneNode[] {
    const nodes: ControlPlaneNode[] = [];
    settings.controlPlaneNodes.forEach((node, i) => {
        nodes.push(
            new ControlPlaneNode(
                `${name}-${node.name}`,
                {
                    node,
                    machine: machines.controlPlane[i],
                    barrier: machines.all,
                    pki,
                    settings,
                    rolloutAfter: nodes.slice(-1).map((previous) => previous.rollout),
                },
                opts,
            ),
        );
    });
    return nodes;
}

function installNetwork(
    name: string,
    settings: ClusterSettings,
    admin: pulumi.Output<string>,
    configuration: ClusterConfiguration,
    opts: Child,
): pulumi.Resource[] {
    if (settings.cni.plugin === CniPlugin.None) return [];
    // The provider looks at the cluster once, when it starts; before there is one it would take it for unreachable.
    const provider = new k8s.Provider(
        `${name}-kubernetes`,
        { kubeconfig: admin },
        { ...opts, dependsOn: configuration.applied },
    );
    // With the cluster itself gone there is nobody to ask for the removal of what ran on it.
    return installFlannel(`${name}-flannel`, settings, {
        ...opts,
        provider,
        dependsOn: configuration.applied,
        deletedWith: configuration.applied,
    });
}

interface Before {
    controlPlane: ControlPlaneNode[];
    configuration: ClusterConfiguration;
    network: pulumi.Resource[];
}

// A kubelet must not be newer than its apiserver; the configuration, which a join waits for, comes after the rollouts.
function workerNodes(
    name: string,
    args: ClusterArgs,
    settings: ClusterSettings,
    machines: Machines,
    pki: ClusterPki,
    before: Before,
    opts: Child,
): WorkerNode[] {
    const joinAfter = [before.configuration.applied];
    const batch = args.maxUnavailable ?? DEFAULT_MAX_UNAVAILABLE;
    const nodes: WorkerNode[] = [];
    (args.workerNodes ?? []).forEach((node, i) => {
        const token = pki.serviceAccountKey.privateKey.apply((key) => bootstrapToken(key, node));
        const previous = nodes.slice(Math.max(0, (Math.floor(i / batch) - 1) * batch), Math.floor(i / batch) * batch);
        nodes.push(
            new WorkerNode(
                `${name}-${node.name}`,
                {
                    node,
                    machine: machines.workers[i],
                    barrier: machines.all,
                    clusterId: pki.id,
                    caCertificate: pki.ca.certificate,
                    bootstrapToken: token.apply(({ id, secret }) => `${id}.${secret}`),
                    settings,
                    joinAfter,
                    rolloutAfter: [...before.network, ...previous.map((worker) => worker.rollout)],
                },
                opts,
            ),
        );
    });
    return nodes;
}

const adminKubeconfig = (settings: ClusterSettings, pki: ClusterPki): pulumi.Output<string> =>
    pulumi.all([pki.ca.certificate, pki.admin]).apply(([caCertificate, credentials]) =>
        kubeconfig({
            clusterName: settings.clusterName,
            endpoint: endpointText(settings.endpoint),
            caCertificate,
            userName: "kubernetes-admin",
            credentials,
        }),
    );

const nodeAddresses = (args: ClusterArgs): Record<string, string> =>
    Object.fromEntries(
        [...args.controlPlaneNodes, ...(args.workerNodes ?? [])].map((node) => [node.name, privateAddressOf(node)]),
    );
