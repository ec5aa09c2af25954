import type { ClusterArgs } from "../clusterArgs";
import { EtcdPlacement, EtcdRuntime, EtcdTopology, EtcdTopologyArgs } from "../types";
import { etcdOptionFaults } from "./etcdOptions";
import { Fault, fault, oneOf } from "./fault";

/** Where etcd's members are, how many, and what goes with what. */
export function etcdFaults({ etcd = {}, controlPlaneNodes = [] }: ClusterArgs): Fault[] {
    const { topology = EtcdTopology.Stacked } = etcd;
    const words = [
        ...oneOf("etcd.topology", topology, EtcdTopology),
        ...oneOf("etcd.placement", etcd.placement, EtcdPlacement),
        ...oneOf("etcd.runtime", etcd.runtime, EtcdRuntime),
    ];
    // What else is said makes sense, or none, by these words.
    if (words.length > 0) return words;
    return [
        ...misplaced(etcd, topology),
        ...countFaults(etcd, topology, controlPlaneNodes.length),
        ...(topology === EtcdTopology.Existing ? existingFaults(etcd) : etcdOptionFaults("etcd.", etcd)),
    ];
}

/** What belongs to another topology. Without a word it would be ignored. */
function misplaced(etcd: EtcdTopologyArgs, topology: EtcdTopology): Fault[] {
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
    ];
    return belongs
        .filter(([key, topologies]) => etcd[key] !== undefined && !topologies.includes(topology))
        .map(([key, topologies]) => ({
            propertyPath: `etcd.${key}`,
            reason: `got a value, expected none: it belongs to topology ${topologies.join(" or ")}, this is '${topology}'`,
        }));
}

function countFaults(etcd: EtcdTopologyArgs, topology: EtcdTopology, nodes: number): Fault[] {
    const dedicated = (etcd.placement ?? EtcdPlacement.Dedicated) === EtcdPlacement.Dedicated;
    if (topology === EtcdTopology.Stacked) return majority("controlPlaneNodes", nodes, "nodes");
    const some = nodes > 0 ? [] : [fault("controlPlaneNodes", nodes, "at least one node")];
    if (topology === EtcdTopology.Existing) return some;
    const hosts = etcd.hosts ?? [];
    if (dedicated) return [...some, ...majority("etcd.hosts", hosts.length, "hosts (or placement 'controlPlane')")];
    return [
        ...majority("controlPlaneNodes", nodes, "nodes"),
        ...(hosts.length > 0
            ? [fault("etcd.hosts", hosts.length, "none: placement 'controlPlane' has the members on those nodes")]
            : []),
    ];
}

export const majority = (path: string, count: number, what: string): Fault[] =>
    count % 2 === 1 && count <= 7
        ? []
        : [fault(path, count, `an odd number of ${what}, 1 to 7: etcd decides by majority`)];

function existingFaults({ endpoints, ...etcd }: EtcdTopologyArgs): Fault[] {
    const faults: Fault[] = [];
    if (!Array.isArray(endpoints) || endpoints.length === 0)
        faults.push(fault("etcd.endpoints", endpoints, "the client URLs of the etcd that exists, 'https://…:2379'"));
    else
        endpoints.forEach((url, i) => {
            if (!/^https:\/\/(\[[0-9a-f:]+\]|[\w.-]+):\d+$/.test(url))
                faults.push(fault(`etcd.endpoints[${i}]`, url, "https://<host>:<port>"));
        });
    const needed = { caCertificate: "caFile", clientCertificate: "certFile", clientKey: "keyFile" } as const;
    for (const [name, file] of Object.entries(needed)) {
        if (!etcd[name as keyof typeof needed])
            faults.push(fault(`etcd.${name}`, undefined, `PEM, or ${file} in a stack's configuration`));
    }
    return faults;
}
