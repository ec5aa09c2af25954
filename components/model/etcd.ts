import { hostPort } from "../lib/addresses";
import { Fault, fault, oneOf } from "../lib/faults";
import { PORTS } from "../lib/ports";
import {
    EtcdCertificateArgs,
    EtcdCertificateSettings,
    etcdCertificateFaults,
    resolveEtcdCertificates,
} from "./etcdCertificates";
import { EtcdOptions, EtcdOptionsArgs, etcdOptionFaults, resolveEtcdOptions } from "./etcdOptions";
import { ExistingEtcdArgs, existingFaults } from "./existingEtcd";
import { HostArgs, HostDefaults, HostSettings, KnownHostArgs, resolveHost } from "./hosts";
import { EtcdSourceArgs } from "./sources";

/**
 * The etcd of the cluster. `stacked`: kubeadm's, a member in a static pod on every control plane node. `external`: an etcd
 * cluster of its own, created here too; `placement` says where. `existing`: one that somebody else runs.
 */
export const EtcdTopology = { Stacked: "stacked", External: "external", Existing: "existing" } as const;
export type EtcdTopology = (typeof EtcdTopology)[keyof typeof EtcdTopology];

/** Where an external etcd's members run. */
export const EtcdPlacement = { Dedicated: "dedicated", ControlPlane: "controlPlane" } as const;
export type EtcdPlacement = (typeof EtcdPlacement)[keyof typeof EtcdPlacement];

/** How a member runs: as a systemd unit, or as a static pod of a kubelet. */
export const EtcdRuntime = { Systemd: "systemd", StaticPod: "staticPod" } as const;
export type EtcdRuntime = (typeof EtcdRuntime)[keyof typeof EtcdRuntime];

export interface EtcdTopologyArgs extends EtcdOptionsArgs, EtcdCertificateArgs, ExistingEtcdArgs {
    /**
     * `stacked`: kubeadm's member on every control plane node. `external`: an etcd cluster that is created here.
     * `existing`: an etcd cluster of yours.
     * @default "stacked"
     * @change Refused.
     */
    topology?: EtcdTopology;
    /**
     * Where an external etcd runs: on `dedicated` hosts or on the `controlPlane` nodes.
     * @default "dedicated"
     * @change Refused.
     */
    placement?: EtcdPlacement;
    /**
     * The dedicated hosts, with the fields of `<host>`: one, three, five or seven.
     * @change A new member joins as a learner; a removed member leaves, even if it is powered off. The new endpoints
     * are rolled out over the control plane.
     */
    hosts?: HostArgs[];
    /**
     * What runs an external etcd's members: `systemd` or `staticPod`.
     * @default "systemd"
     * @change Refused.
     */
    runtime?: EtcdRuntime;
}

/** Members that are made here and are not kubeadm's: what each of them is made from. */
export interface EtcdMemberSettings {
    members: HostSettings[];
    runtime: EtcdRuntime;
    /** The program, under systemd. */
    source: EtcdSourceArgs;
    /** The same, in a static pod. */
    image: string;
    options: EtcdOptions;
    /** Further names in the members' certificates. */
    certificateNames: EtcdCertificateSettings;
}

/** etcd's arguments with every value known. */
export type KnownEtcdArgs = Omit<EtcdTopologyArgs, "hosts"> & { hosts?: KnownHostArgs[] };

/** A cluster's etcd, with every default filled in. */
export interface EtcdSettings extends EtcdMemberSettings {
    topology: EtcdTopology;
    placement: EtcdPlacement;
    /** The endpoints of an etcd that is not kubeadm's, for kube-apiserver. */
    endpoints: string[];
}

/** The settings that are known at once. */
export type EtcdShape = Omit<EtcdSettings, "members" | "endpoints">;

export function resolveEtcd(
    args: KnownEtcdArgs = {},
    controlPlaneNodes: HostSettings[],
    defaults: HostDefaults,
    program: { source: EtcdSourceArgs; image: string },
): EtcdSettings {
    const { topology, placement } = resolveChoices(args);
    const dedicated = (args.hosts ?? []).map((host) => resolveHost(host, defaults));
    const members = {
        [EtcdTopology.Stacked]: controlPlaneNodes,
        [EtcdTopology.External]: placement === EtcdPlacement.Dedicated ? dedicated : controlPlaneNodes,
        [EtcdTopology.Existing]: [],
    }[topology];
    return {
        topology,
        placement,
        members,
        endpoints: topology === EtcdTopology.Existing ? (args.endpoints ?? []) : etcdEndpoints(members),
        runtime: args.runtime ?? EtcdRuntime.Systemd,
        options: resolveEtcdOptions(args),
        certificateNames: resolveEtcdCertificates(args),
        ...program,
    };
}

/** The two choices that the other defaults follow from. */
function resolveChoices(args: KnownEtcdArgs): Pick<EtcdSettings, "topology" | "placement"> {
    const topology = args.topology ?? EtcdTopology.Stacked;
    const stacked = topology === EtcdTopology.Stacked;
    return { topology, placement: stacked ? EtcdPlacement.ControlPlane : (args.placement ?? EtcdPlacement.Dedicated) };
}

export const isStacked = ({ topology }: Pick<EtcdSettings, "topology">): boolean => topology === EtcdTopology.Stacked;

/** Whether a member runs on every control plane node, kubeadm's or ours. */
export const onControlPlane = ({ topology, placement }: EtcdShape): boolean =>
    topology !== EtcdTopology.Existing && placement === EtcdPlacement.ControlPlane;

/** Members on hosts of their own. */
export const onDedicatedHosts = ({ topology, placement }: EtcdShape): boolean =>
    topology === EtcdTopology.External && placement === EtcdPlacement.Dedicated;

/** Where a member on a control plane node serves metrics. */
export function metricsUrlsOnControlPlane(args: KnownEtcdArgs = {}): string[] {
    const { topology, placement } = resolveChoices(args);
    const here = topology !== EtcdTopology.Existing && placement === EtcdPlacement.ControlPlane;
    return here ? resolveEtcdOptions(args).listenMetricsUrls : [];
}

/** A control plane node's etcd in a few words: what a live one may not change, as no data would go along. */
export function layoutOf(etcd: EtcdShape): string {
    if (isStacked(etcd)) return `stacked in ${etcd.options.dataDir}`;
    return onControlPlane(etcd) ? memberLayout(etcd) : `${etcd.topology}, elsewhere`;
}

/** The same of a host with a member that is not kubeadm's. */
export const memberLayout = ({ runtime, options }: Pick<EtcdMemberSettings, "runtime" | "options">): string =>
    `external, here by ${runtime} in ${options.dataDir}`;

export const clientUrl = (address: string): string => `https://${hostPort(address, PORTS.etcdClient)}`;

/** Where clients reach the members. */
export const etcdEndpoints = (members: HostSettings[]): string[] =>
    members.map(({ privateAddress }) => clientUrl(privateAddress));

/** Where etcd's members are, how many, and what goes with what. */
export function etcdFaults(etcd: KnownEtcdArgs = {}, controlPlaneNodes: number): Fault[] {
    const { topology, placement } = resolveChoices(etcd);
    const words = [
        ...oneOf("etcd.topology", topology, EtcdTopology),
        ...oneOf("etcd.placement", etcd.placement, EtcdPlacement),
        ...oneOf("etcd.runtime", etcd.runtime, EtcdRuntime),
    ];
    // The other options have a meaning only with known words.
    if (words.length > 0) return words;
    return [
        ...misplaced(etcd, topology),
        ...countFaults(etcd.hosts ?? [], { topology, placement }, controlPlaneNodes),
        ...(topology === EtcdTopology.Existing
            ? existingFaults(etcd)
            : [...etcdOptionFaults("etcd.", etcd), ...etcdCertificateFaults("etcd.", etcd)]),
    ];
}

/** Refuses options that belong to another topology: they would be ignored. */
function misplaced(etcd: KnownEtcdArgs, topology: EtcdTopology): Fault[] {
    const { Stacked, External, Existing } = EtcdTopology;
    const belongs: [keyof EtcdTopologyArgs, EtcdTopology[]][] = [
        ["placement", [External]],
        ["hosts", [External]],
        ["runtime", [External]],
        ["endpoints", [Existing]],
        ["caCertificate", [Existing]],
        ["clientCertificate", [Existing]],
        ["clientKey", [Existing]],
        ["quotaBackendBytes", [Stacked, External]],
        ["heartbeatInterval", [Stacked, External]],
        ["electionTimeout", [Stacked, External]],
        ["autoCompactionMode", [Stacked, External]],
        ["autoCompactionRetention", [Stacked, External]],
        ["snapshotCount", [Stacked, External]],
        ["dataDir", [Stacked, External]],
        ["listenMetricsUrls", [Stacked, External]],
        ["serverCertSANs", [Stacked, External]],
        ["peerCertSANs", [Stacked, External]],
    ];
    return belongs
        .filter(([key, topologies]) => etcd[key] !== undefined && !topologies.includes(topology))
        .map(([key, topologies]) => ({
            propertyPath: `etcd.${key}`,
            reason: `got a value, expected none: only topology ${topologies.join(" or ")} uses it, and etcd.topology is '${topology}'`,
        }));
}

function countFaults(
    hosts: KnownHostArgs[],
    { topology, placement }: Pick<EtcdSettings, "topology" | "placement">,
    nodes: number,
): Fault[] {
    if (topology === EtcdTopology.Stacked) return majority("controlPlaneNodes", nodes, "nodes");
    const some = nodes > 0 ? [] : [fault("controlPlaneNodes", nodes, "at least one node")];
    if (topology === EtcdTopology.Existing) return some;
    if (placement === EtcdPlacement.Dedicated) {
        return [...some, ...majority("etcd.hosts", hosts.length, "hosts (or placement 'controlPlane')")];
    }
    return [
        ...majority("controlPlaneNodes", nodes, "nodes"),
        ...(hosts.length > 0
            ? [
                  fault(
                      "etcd.hosts",
                      hosts.length,
                      "none: placement 'controlPlane' runs the members on the control plane nodes",
                  ),
              ]
            : []),
    ];
}

export const majority = (path: string, count: number, what: string): Fault[] =>
    count % 2 === 1 && count <= 7
        ? []
        : [fault(path, count, `an odd number of ${what}, 1 to 7, because etcd needs a majority of its members`)];
