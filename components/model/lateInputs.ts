import * as pulumi from "@pulumi/pulumi";
import { ClusterArgs } from "./cluster";
import { EtcdClusterArgs } from "./etcdCluster";
import { HostArgs } from "./hosts";

/** The values of a host that another resource of the program may produce. */
const OF_HOST = ["address", "privateAddress", "secondaryAddress", "hostKey"] as const;

type Value = pulumi.Input<string> | undefined;

/** Returns the value, or another one in its place. */
export type Visit = (value: Value, path: string) => Value;

/** The arguments with each value that may come later replaced by what `visit` returns. */
export function mapClusterArgs(args: ClusterArgs, visit: Visit): ClusterArgs {
    const { loadBalancer, etcd } = args;
    return {
        ...args,
        controlPlaneEndpoint: visit(args.controlPlaneEndpoint, "controlPlaneEndpoint"),
        clientEndpoint: visit(args.clientEndpoint, "clientEndpoint"),
        controlPlaneNodes: mapHosts("controlPlaneNodes", args.controlPlaneNodes, visit),
        workerNodes: args.workerNodes && mapHosts("workerNodes", args.workerNodes, visit),
        loadBalancer: loadBalancer && {
            ...loadBalancer,
            virtualAddress: visit(loadBalancer.virtualAddress, "loadBalancer.virtualAddress"),
            hosts: loadBalancer.hosts && mapHosts("loadBalancer.hosts", loadBalancer.hosts, visit),
        },
        etcd: etcd && { ...etcd, hosts: etcd.hosts && mapHosts("etcd.hosts", etcd.hosts, visit) },
    };
}

export const mapEtcdClusterArgs = (args: EtcdClusterArgs, visit: Visit): EtcdClusterArgs => ({
    ...args,
    members: mapHosts("members", args.members, visit),
});

const mapHosts = <Host extends HostArgs>(list: string, hosts: Host[], visit: Visit): Host[] =>
    hosts?.map((host, i) => mapHost(`${list}[${i}]`, host, visit));

/** The same of one host. */
export function mapHost<Host extends HostArgs>(path: string, host: Host, visit: Visit): Host {
    const mapped: Host & Partial<Record<(typeof OF_HOST)[number], Value>> = { ...host };
    for (const field of OF_HOST) {
        if (field in mapped) Object.assign(mapped, { [field]: visit(mapped[field], `${path}.${field}`) });
    }
    return mapped;
}
