/** Where etcd's members are. External clusters have their place here when they come. */
export const EtcdTopology = { Stacked: "stacked" } as const;
export type EtcdTopology = (typeof EtcdTopology)[keyof typeof EtcdTopology];

export interface EtcdTopologyArgs {
    /** `stacked`: a member on every control plane node, as a static pod. @default "stacked" */
    topology?: EtcdTopology;
    /** Space quota in bytes. @default etcd's own, 2 GiB */
    quotaBackendBytes?: number;
}
