import { isIP } from "net";
import { Fault, count, fault, oneOf, throwIfAny } from "../lib/faults";
import { SUPPORTED_MINORS, minorOf } from "../versions/versions";
import { KnownClusterArgs } from "./cluster";
import { cniFaults, resolveCni } from "./cni";
import { nodePortRange, podFaults } from "./controlPlaneComponents";
import { nameFaults } from "./controlPlaneEndpoint";
import { coreDnsFaults, resolveCoreDns } from "./coreDns";
import { EtcdTopology, etcdFaults, metricsUrlsOnControlPlane } from "./etcd";
import { ownEndpointFaults } from "./existingEtcd";
import { firewallFaults } from "./firewall";
import {
    KnownHostArgs,
    HostAt,
    HostSettings,
    OnRemoval,
    hostDefaults,
    resolveHost,
    validateHost,
    validateUnique,
    withPaths,
} from "./hosts";
import { setupPlaces, setupsFaults, unusedPackages, unusedSetups } from "./hostSetup";
import { fieldFaults } from "./configurationFields";
import { knownOptions } from "./kubernetesOptions";
import { preflightFaults } from "./preflightChecks";
import { flagFaults, leaderFaults } from "./programFlags";
import { LoadBalancerSettings, loadBalancerFaults, resolveLoadBalancer } from "./loadBalancer";
import { LoadBalancerPlacement, LoadBalancerType, isProxy } from "./loadBalancerType";
import { maxUnavailableFaults } from "./maxUnavailable";
import { NetworkSettings, clusterFamilies, networkFaults, resolveNetwork } from "./network";
import { KnownNodeArgs, validateNode } from "./nodes";
import { pkiFaults } from "./pki";
import { podCidrFaults } from "./podCidrs";
import { resolvePlatform } from "./runtime";
import { sourceFaults } from "./sources";
import { sshFaults } from "./ssh";
import { storageFaults } from "./storage";
import { disabledIPv6Faults } from "./sysctls";

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateCluster = (args: KnownClusterArgs): void =>
    throwIfAny("the cluster's configuration", clusterFaults(args));

/** Every fault of the arguments, and of what they mean together. Each subject's own rules stand in its own file. */
export function clusterFaults(args: KnownClusterArgs): Fault[] {
    const { kubernetesVersion, osFamily } = resolvePlatform(args);
    const { nodes, others } = listedHosts(args);
    const resolved = (hosts: HostAt<KnownHostArgs>[]) =>
        hosts.map(({ path, host }) => ({ path, host: resolveHost(host, hostDefaults(args)) }));
    const hosts = resolved([...nodes, ...others]);
    const settings = hosts.map(({ host }) => host);
    const controlPlane = settings.slice(0, args.controlPlaneNodes?.length ?? 0);
    const balancer = resolveLoadBalancer(args.loadBalancer, controlPlane, hostDefaults(args));
    const network = resolveNetwork(args.network);
    const around = {
        controlPlaneEndpoint: args.controlPlaneEndpoint,
        hosts: settings,
        network,
        metricsUrls: metricsUrlsOnControlPlane(args.etcd),
        nodePorts: nodePortRange(args.apiServer),
    };
    const coreDns = resolveCoreDns(args.coreDns, network);
    return [
        ...versionFaults(kubernetesVersion),
        ...clusterNameFaults(args.clusterName),
        ...hostFaults(args),
        ...setupPlaces(args.hostSetup, [...nodes, ...others]).flatMap(({ path, setup }) => [
            ...(args.sources?.binaries ? unusedPackages(path, setup) : []),
            // A host of etcd or of a balancer may have IPv4 alone.
            ...(hasIPv6(settings, network) && !/^hostSetup\.(etcd|loadBalancer)/.test(path)
                ? disabledIPv6Faults(path, setup)
                : []),
        ]),
        ...etcdFaults(args.etcd, controlPlane.length),
        ...(args.etcd?.topology === EtcdTopology.Existing
            ? ownEndpointFaults(args.etcd.endpoints ?? [], settings)
            : []),
        ...loadBalancerFaults(args.loadBalancer ?? {}, balancer, around),
        ...networkFaults(network, resolved(nodes), resolved(others)),
        ...podCidrFaults(args, network, nodes),
        ...cniFaults(resolveCni(args.cni), network, args.kubeProxyConfiguration ?? {}),
        ...coreDnsFaults(coreDns, network),
        ...metricsServerFaults(args.metricsServer),
        ...(args.storage ? storageFaults(args.storage) : []),
        ...firewallFaults(args.firewall, resolved(nodes)),
        ...preflightFaults(args.preflight),
        ...nameFaults({ ...args, hosts, network, placement: balancer.placement, aliases: nodeAliases(args) }),
        ...pkiFaults(args.pki),
        ...kubernetesOptionFaults(args, kubernetesVersion),
        ...sourceFaults(args.sources ?? {}, osFamily, kubernetesVersion),
        ...(args.sources?.binaries ? packagedBalancerFaults(balancer) : []),
    ];
}

/** Flags of the programs, and fields of their configurations, of the cluster and of each node. */
function kubernetesOptionFaults(args: KnownClusterArgs, kubernetesVersion: string): Fault[] {
    const known = knownOptions(kubernetesVersion, args.passUnknownOptions);
    const nodes = args.controlPlaneNodes?.length ?? 0;
    return [
        ...flagFaults("apiServer.extraArgs", "kube-apiserver", args.apiServer?.extraArgs, known),
        ...flagFaults(
            "controllerManager.extraArgs",
            "kube-controller-manager",
            args.controllerManager?.extraArgs,
            known,
        ),
        ...flagFaults("scheduler.extraArgs", "kube-scheduler", args.scheduler?.extraArgs, known),
        ...leaderFaults("controllerManager.extraArgs", args.controllerManager?.extraArgs, nodes),
        ...leaderFaults("scheduler.extraArgs", args.scheduler?.extraArgs, nodes),
        ...podFaults("apiServer", args.apiServer),
        ...podFaults("controllerManager", args.controllerManager),
        ...podFaults("scheduler", args.scheduler),
        ...fieldFaults("kubeletConfiguration", "KubeletConfiguration", args.kubeletConfiguration, known),
        ...fieldFaults("kubeProxyConfiguration", "KubeProxyConfiguration", args.kubeProxyConfiguration, known),
        ...listedHosts(args).nodes.flatMap(({ path, host }) => [
            ...flagFaults(`${path}.kubeletExtraArgs`, "kubelet", host.kubeletExtraArgs, known),
            ...fieldFaults(`${path}.kubeletConfiguration`, "KubeletConfiguration", host.kubeletConfiguration, known),
        ]),
    ];
}

const CLUSTER_NAME = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;

const clusterNameFaults = (name: string | undefined): Fault[] =>
    name === undefined || CLUSTER_NAME.test(name)
        ? []
        : [fault("clusterName", name, "letters, digits, '-', '_' and '.', at most 63")];

function versionFaults(kubernetesVersion: string): Fault[] {
    if (/^\d+\.\d+\.(0|[1-9]\d*)$/.test(kubernetesVersion) && minorOf(kubernetesVersion) in SUPPORTED_MINORS) return [];
    const known = Object.entries(SUPPORTED_MINORS).map(([minor, { latest }]) => `${minor}.x (newest known: ${latest})`);
    return [fault("kubernetesVersion", kubernetesVersion, `a version without 'v', ${known.join(" or ")}`)];
}

interface ListedHosts {
    nodes: HostAt<KnownNodeArgs>[];
    /** Dedicated hosts of the balancer and of etcd. */
    others: HostAt<KnownHostArgs>[];
}

const listedHosts = (args: KnownClusterArgs): ListedHosts => ({
    nodes: [
        ...withPaths("controlPlaneNodes", args.controlPlaneNodes ?? []),
        ...withPaths("workerNodes", args.workerNodes ?? []),
    ],
    others: [
        ...withPaths("loadBalancer.hosts", args.loadBalancer?.hosts ?? []),
        ...withPaths("etcd.hosts", args.etcd?.hosts ?? []),
    ],
});

/** The lines of /etc/hosts of all nodes, of those of a role, and of single ones. */
const nodeAliases = (args: KnownClusterArgs) => [
    ...setupPlaces(args.hostSetup, [])
        .filter(({ path }) => ["all", "controlPlane", "workers"].includes(path.split(".")[1]))
        .map(({ path, setup: { hostAliases } }) => ({ path, hostAliases })),
    ...listedHosts(args).nodes.map(({ path, host }) => {
        const own = [host.address, host.privateAddress, host.secondaryAddress];
        return { path, hostAliases: host.hostAliases, own };
    }),
];

function hostFaults(args: KnownClusterArgs): Fault[] {
    const { nodes, others } = listedHosts(args);
    return [
        ...nodes.flatMap(({ path, host }) => validateNode(path, host, args.ssh)),
        ...others.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...setupsFaults("hostSetup", args.hostSetup),
        ...unusedSetups("hostSetup", args.hostSetup, {
            loadBalancer: args.loadBalancer?.hosts ?? [],
            etcd: args.etcd?.hosts ?? [],
        }),
        ...validateUnique([...nodes, ...others], args.ssh),
        ...oneOf("onRemoval", args.onRemoval, OnRemoval),
        ...maxUnavailableFaults(args.maxUnavailable, args.workerNodes?.length ?? 0),
        ...count("drainTimeoutSeconds", args.drainTimeoutSeconds, 1, 86400),
        ...sshFaults(args.ssh),
    ];
}

const hasIPv6 = (hosts: HostSettings[], network: NetworkSettings): boolean =>
    clusterFamilies(network).includes(6) ||
    hosts.some(({ privateAddress, secondaryAddress }) =>
        [privateAddress, secondaryAddress].some((ip = "") => isIP(ip) === 6),
    );

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
