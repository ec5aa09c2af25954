import * as pulumi from "@pulumi/pulumi";
import { HostArgs } from "./hosts";

/**
 * Whose etcd it is. `stacked`: kubeadm's, a member in a static pod on every control plane node. `external`: an etcd cluster
 * of its own, made here too; `placement` says where. `existing`: one that somebody else runs.
 */
export const EtcdTopology = { Stacked: "stacked", External: "external", Existing: "existing" } as const;
export type EtcdTopology = (typeof EtcdTopology)[keyof typeof EtcdTopology];

/** Where an external etcd's members run. */
export const EtcdPlacement = { Dedicated: "dedicated", ControlPlane: "controlPlane" } as const;
export type EtcdPlacement = (typeof EtcdPlacement)[keyof typeof EtcdPlacement];

/** What runs a member: a systemd unit, or a kubelet. */
export const EtcdRuntime = { Systemd: "systemd", StaticPod: "staticPod" } as const;
export type EtcdRuntime = (typeof EtcdRuntime)[keyof typeof EtcdRuntime];

/** How long etcd keeps old revisions: for a time, or a number of them. */
export const AutoCompactionMode = { Periodic: "periodic", Revision: "revision" } as const;
export type AutoCompactionMode = (typeof AutoCompactionMode)[keyof typeof AutoCompactionMode];

/**
 * etcd's own options, by etcd's names (etcd.io, "Configuration options"), alike for every etcd that is made here. A change
 * restarts one member after the other.
 */
export interface EtcdOptionsArgs {
    /** Space quota in bytes; etcd refuses writes beyond it. @default etcd's, 2 GiB */
    quotaBackendBytes?: number;
    /** Milliseconds between a leader's heartbeats: about a round trip between members. @default etcd's, 100 */
    heartbeatInterval?: number;
    /** Milliseconds without a heartbeat after which members elect: at least five heartbeats, at most 50000. @default etcd's, 1000 */
    electionTimeout?: number;
    /** @default etcd's, `periodic` */
    autoCompactionMode?: AutoCompactionMode;
    /** A duration such as "1h" (`periodic`), or a number of revisions (`revision`). kube-apiserver compacts every five minutes by itself. @default etcd's, none */
    autoCompactionRetention?: string;
    /** Committed transactions between two snapshots to disk. @default etcd's, 10000 */
    snapshotCount?: number;
    /** Where a member keeps its data: the folder is its own. Cannot be changed on a live cluster. @default "/var/lib/etcd" */
    dataDir?: string;
    /** Where /metrics and /health answer without a certificate; the kubelet probes the first. @default ["http://127.0.0.1:2381"] */
    listenMetricsUrls?: string[];
}

export interface EtcdTopologyArgs extends EtcdOptionsArgs {
    /** Cannot be changed on a live cluster. @default "stacked" */
    topology?: EtcdTopology;
    /** Of an external etcd: `dedicated` hosts, or the `controlPlane` nodes. Cannot be changed on a live cluster. @default "dedicated" */
    placement?: EtcdPlacement;
    /**
     * The dedicated hosts: one, three, five or seven. One added joins as a learner; one removed leaves the cluster, be it
     * powered off. Either changes kube-apiserver's endpoints, which is rolled out over the control plane.
     */
    hosts?: HostArgs[];
    /** Of an external etcd. Cannot be changed on a live member. @default "systemd" */
    runtime?: EtcdRuntime;
    /** Of an existing etcd: its client URLs, `https://…:2379`. A change is rolled out over the control plane; it must be the same etcd. */
    endpoints?: string[];
    /** Of an existing etcd: the CA that signed its servers' certificates, PEM. A new one restarts kube-apiserver, node by node. In a stack's configuration also `caFile`. */
    caCertificate?: pulumi.Input<string>;
    /** Of an existing etcd: the client certificate that kube-apiserver shows, PEM. A new one is rolled out. Also `certFile`. */
    clientCertificate?: pulumi.Input<string>;
    /** Its key, PEM, kept as a secret. Also `keyFile`. */
    clientKey?: pulumi.Input<string>;
}
