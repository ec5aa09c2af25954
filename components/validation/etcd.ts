import type { ClusterArgs } from "../clusterArgs";
import { EtcdTopology } from "../types";
import { Fault, fault, oneOf } from "./fault";

/** Where etcd's members are, and how many. */
export function etcdFaults({ etcd, controlPlaneNodes = [] }: ClusterArgs): Fault[] {
    const count = controlPlaneNodes.length;
    return [
        ...oneOf("etcd.topology", etcd?.topology, EtcdTopology),
        ...(count % 2 === 1 && count <= 7
            ? []
            : [fault("controlPlaneNodes", count, "an odd number of nodes, 1 to 7: etcd decides by majority")]),
    ];
}
