import { EtcdOptions, etcdEndpoints, withEtcdDefaults } from "./config/etcd";
import type { ClusterArgs } from "./clusterArgs";
import { EtcdPlacement, EtcdRuntime, EtcdSourceArgs, EtcdTopology, EtcdTopologyArgs, HostArgs } from "./types";

/** Members that are made here and are not kubeadm's: what each of them is made from. */
export interface EtcdMemberSettings {
    members: HostArgs[];
    runtime: EtcdRuntime;
    /** The program, under systemd. */
    source: EtcdSourceArgs;
    /** The same, in a static pod. */
    image: string;
    options: EtcdOptions;
}

/** A cluster's etcd, with every default filled in. */
export interface EtcdSettings extends EtcdMemberSettings {
    topology: EtcdTopology;
    placement: EtcdPlacement;
    /** What kube-apiserver is told of an etcd that is not kubeadm's. */
    endpoints: string[];
    /** What was asked for, and no default: kubeadm has its own. */
    args: EtcdTopologyArgs;
}

export function resolveEtcd(
    { etcd = {}, controlPlaneNodes }: ClusterArgs,
    program: { source: EtcdSourceArgs; image: string },
): EtcdSettings {
    const topology = etcd.topology ?? EtcdTopology.Stacked;
    const placement =
        topology === EtcdTopology.Stacked ? EtcdPlacement.ControlPlane : (etcd.placement ?? EtcdPlacement.Dedicated);
    const members = {
        [EtcdTopology.Stacked]: controlPlaneNodes,
        [EtcdTopology.External]: placement === EtcdPlacement.Dedicated ? (etcd.hosts ?? []) : controlPlaneNodes,
        [EtcdTopology.Existing]: [],
    }[topology];
    return {
        topology,
        placement,
        members,
        endpoints: topology === EtcdTopology.Existing ? (etcd.endpoints ?? []) : etcdEndpoints(members),
        runtime: etcd.runtime ?? EtcdRuntime.Systemd,
        options: withEtcdDefaults(etcd),
        args: etcd,
        ...program,
    };
}

export const isStacked = ({ topology }: EtcdSettings): boolean => topology === EtcdTopology.Stacked;

/** A member beside every apiserver, be it kubeadm's or one of ours. */
export const onControlPlane = ({ topology, placement }: EtcdSettings): boolean =>
    topology !== EtcdTopology.Existing && placement === EtcdPlacement.ControlPlane;

/** Members on hosts of their own. */
export const onDedicatedHosts = ({ topology, placement }: EtcdSettings): boolean =>
    topology === EtcdTopology.External && placement === EtcdPlacement.Dedicated;

/** A control plane node's etcd in a few words: what a live one may not change, as no data would go along. */
export function layoutOf(etcd: EtcdSettings): string {
    if (isStacked(etcd)) return `stacked in ${etcd.options.dataDir}`;
    return onControlPlane(etcd) ? memberLayout(etcd) : `${etcd.topology}, elsewhere`;
}

/** The same of a host with a member that is not kubeadm's. */
export const memberLayout = ({ runtime, options }: EtcdMemberSettings): string =>
    `external, here by ${runtime} in ${options.dataDir}`;
