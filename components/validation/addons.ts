import type { ClusterArgs } from "../clusterArgs";
import { NETWORK_DEFAULTS } from "../constants";
import { NodeLocalCacheArgs, StorageArgs, StorageProvisioner } from "../types";
import { contains, isIP, parseSubnet } from "./addresses";
import { countFaults, Fault, fault, oneOf } from "./fault";
import { isDnsName } from "./hosts";

export function addonFaults({ coreDns = {}, network, storage, metricsServer }: ClusterArgs): Fault[] {
    return [
        ...countFaults("coreDns.replicas", coreDns.replicas),
        ...countFaults("coreDns.maxUnavailable", coreDns.maxUnavailable),
        ...(coreDns.nodeLocalCache ? cacheFaults(coreDns.nodeLocalCache, network?.serviceSubnet) : []),
        ...([undefined, true, false].includes(metricsServer)
            ? []
            : [fault("metricsServer", metricsServer, "true or false")]),
        ...(storage ? storageFaults(storage) : []),
    ];
}

const LOCAL_RANGES = ["169.254.0.0/16", "fd00::/8"].map((range) => parseSubnet(range)!);

function cacheFaults(
    { address, image }: NodeLocalCacheArgs,
    serviceSubnet: string = NETWORK_DEFAULTS.serviceSubnet,
): Fault[] {
    const at = "coreDns.nodeLocalCache";
    const family = serviceSubnet.split(",")[0].includes(":") ? 6 : 4;
    const faults = image === "" ? [fault(`${at}.image`, image, "an image")] : [];
    if (address === undefined) return faults;
    if (isIP(address) !== family)
        faults.push(fault(`${at}.address`, address, `an IPv${family} address, as serviceSubnet's first network`));
    else if (!LOCAL_RANGES.some((range) => contains(range, address)))
        faults.push(
            fault(
                `${at}.address`,
                address,
                "an address that nothing else has, link-local (169.254.0.0/16) or unique local (fd00::/8)",
            ),
        );
    return faults;
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
