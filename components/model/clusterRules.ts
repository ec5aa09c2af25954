import { Fault, countFaults, fault, oneOf, throwIfAny } from "../lib/faults";
import { SUPPORTED_MINORS, minorOf } from "../versions/versions";
import { ClusterArgs } from "./cluster";
import { cniFaults, resolveCni } from "./cni";
import { nameFaults } from "./controlPlaneEndpoint";
import { coreDnsFaults, resolveCoreDns } from "./coreDns";
import { etcdFaults } from "./etcd";
import { firewallFaults } from "./firewall";
import {
    HostArgs,
    HostAt,
    OnRemoval,
    hostDefaults,
    resolveHost,
    validateHost,
    validateUnique,
    withPaths,
} from "./hosts";
import { LoadBalancerSettings, loadBalancerFaults, resolveLoadBalancer } from "./loadBalancer";
import { LoadBalancerPlacement, LoadBalancerType, isProxy } from "./loadBalancerType";
import { maxUnavailableFaults } from "./maxUnavailable";
import { networkFaults, resolveNetwork } from "./network";
import { NodeArgs, validateNode } from "./nodes";
import { pkiFaults } from "./pki";
import { resolvePlatform } from "./runtime";
import { sourceFaults } from "./sources";
import { storageFaults } from "./storage";

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateCluster = (args: ClusterArgs): void =>
    throwIfAny("the cluster's configuration", clusterFaults(args));

/** Every fault of the arguments, and of what they mean together. Each subject's own rules stand in its own file. */
export function clusterFaults(args: ClusterArgs): Fault[] {
    const { kubernetesVersion, osFamily } = resolvePlatform(args);
    const { nodes, others } = listedHosts(args);
    const resolved = (hosts: HostAt<HostArgs>[]) =>
        hosts.map(({ path, host }) => ({ path, host: resolveHost(host, hostDefaults(args)) }));
    const settings = resolved([...nodes, ...others]).map(({ host }) => host);
    const controlPlane = settings.slice(0, args.controlPlaneNodes?.length ?? 0);
    const balancer = resolveLoadBalancer(args.loadBalancer, controlPlane, hostDefaults(args));
    const around = { controlPlaneEndpoint: args.controlPlaneEndpoint, hosts: settings };
    const network = resolveNetwork(args.network);
    const coreDns = resolveCoreDns(args.coreDns, network);
    return [
        ...versionFaults(kubernetesVersion),
        ...hostFaults(args),
        ...etcdFaults(args.etcd, controlPlane.length),
        ...loadBalancerFaults(args.loadBalancer ?? {}, balancer, around),
        ...networkFaults(network, resolved(nodes)),
        ...cniFaults(resolveCni(args.cni), network.kubeProxy, args.kubeProxyConfiguration ?? {}),
        ...coreDnsFaults(coreDns),
        ...metricsServerFaults(args.metricsServer),
        ...(args.storage ? storageFaults(args.storage) : []),
        ...firewallFaults(args.firewall, resolved(nodes)),
        ...nameFaults(args.controlPlaneEndpoint, args.certSANs ?? []),
        ...pkiFaults(args.pki),
        ...sourceFaults(args.sources ?? {}, osFamily, kubernetesVersion),
        ...(args.sources?.binaries ? packagedBalancerFaults(balancer) : []),
    ];
}

function versionFaults(kubernetesVersion: string): Fault[] {
    if (/^\d+\.\d+\.\d+$/.test(kubernetesVersion) && minorOf(kubernetesVersion) in SUPPORTED_MINORS) return [];
    const known = Object.entries(SUPPORTED_MINORS).map(([minor, { latest }]) => `${minor}.x (newest known: ${latest})`);
    return [fault("kubernetesVersion", kubernetesVersion, `a version without 'v', ${known.join(" or ")}`)];
}

interface ListedHosts {
    nodes: HostAt<NodeArgs>[];
    /** Dedicated hosts of the balancer and of etcd. */
    others: HostAt<HostArgs>[];
}

const listedHosts = (args: ClusterArgs): ListedHosts => ({
    nodes: [
        ...withPaths("controlPlaneNodes", args.controlPlaneNodes ?? []),
        ...withPaths("workerNodes", args.workerNodes ?? []),
    ],
    others: [
        ...withPaths("loadBalancer.hosts", args.loadBalancer?.hosts ?? []),
        ...withPaths("etcd.hosts", args.etcd?.hosts ?? []),
    ],
});

function hostFaults(args: ClusterArgs): Fault[] {
    const { nodes, others } = listedHosts(args);
    return [
        ...nodes.flatMap(({ path, host }) => validateNode(path, host, args.ssh)),
        ...others.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique([...nodes, ...others]),
        ...oneOf("onRemoval", args.onRemoval, OnRemoval),
        ...maxUnavailableFaults(args.maxUnavailable),
        ...countFaults("drainTimeoutSeconds", args.drainTimeoutSeconds),
        ...(args.ssh?.privateKey ? [] : [fault("ssh.privateKey", undefined, "a private key that the hosts accept")]),
    ];
}

const metricsServerFaults = (metricsServer: unknown): Fault[] =>
    [undefined, true, false].includes(metricsServer as boolean | undefined)
        ? []
        : [fault("metricsServer", metricsServer, "true or false")];

// On hosts the balancers are the distribution's packages; in static pods, images.
function packagedBalancerFaults({ type, placement }: LoadBalancerSettings): Fault[] {
    const inPod = placement === LoadBalancerPlacement.NodeLocal && isProxy(type);
    if (inPod || type === LoadBalancerType.KubeVip || type === LoadBalancerType.External) return [];
    const expected = "'kube-vip', 'external', or placement 'nodeLocal'";
    return [
        fault(
            "loadBalancer.type",
            type,
            `${expected}, because '${type}' on a host is a package, and sources.binaries installs no package`,
        ),
    ];
}
