import type { ClusterArgs } from "../clusterArgs";
import { StorageArgs, StorageProvisioner } from "../types";
import { isIP } from "./addresses";
import { Fault, fault, oneOf } from "./fault";
import { isDnsName } from "./hosts";

const isCount = (value: unknown): boolean => value === undefined || (Number.isInteger(value) && (value as number) > 0);

export function addonFaults({ coreDns = {}, storage, metricsServer }: ClusterArgs): Fault[] {
    const { replicas, maxUnavailable } = coreDns;
    return [
        ...(isCount(replicas) ? [] : [fault("coreDns.replicas", replicas, "a whole number, 1 or more")]),
        ...(isCount(maxUnavailable)
            ? []
            : [fault("coreDns.maxUnavailable", maxUnavailable, "a whole number, 1 or more")]),
        ...([undefined, true, false].includes(metricsServer)
            ? []
            : [fault("metricsServer", metricsServer, "true or false")]),
        ...(storage ? storageFaults(storage) : []),
    ];
}

function storageFaults({ provisioner, path, server }: StorageArgs): Fault[] {
    const nfs = provisioner === StorageProvisioner.Nfs;
    const needed = provisioner === undefined ? [fault("storage.provisioner", undefined, "local-path or nfs")] : [];
    const faults = [...needed, ...oneOf("storage.provisioner", provisioner, StorageProvisioner)];
    if ((path !== undefined || nfs) && !path?.startsWith("/"))
        faults.push(
            fault("storage.path", path, nfs ? "the path that the server exports" : "an absolute path on the nodes"),
        );
    if (nfs && !isIP(server ?? "") && !isDnsName(server ?? "."))
        faults.push(fault("storage.server", server, "the NFS server's name or address"));
    if (!nfs && server !== undefined) faults.push(fault("storage.server", server, "none: it is for provisioner 'nfs'"));
    return faults;
}
