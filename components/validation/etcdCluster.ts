import type { EtcdClusterArgs } from "../etcdCluster";
import { EtcdRuntime } from "../types";
import { binarySourceFaults } from "./binaries";
import { majority } from "./etcd";
import { etcdOptionFaults } from "./etcdOptions";
import { isIP, parseSubnet } from "./addresses";
import { Fault, fault, oneOf, throwIfAny } from "./fault";
import { firewallOptionFaults } from "./firewall";
import { place, validateHost, validateUnique } from "./hosts";
import { etcdSourceFaults } from "./sources";

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateEtcdCluster = (args: EtcdClusterArgs): void =>
    throwIfAny("the etcd cluster's configuration", etcdClusterFaults(args));

export function etcdClusterFaults(args: EtcdClusterArgs): Fault[] {
    const members = place("members", args.members ?? []);
    return [
        ...majority("members", members.length, "members"),
        ...members.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique(members),
        ...oneOf("runtime", args.runtime, EtcdRuntime),
        ...firewallOptionFaults(args.firewall ?? {}),
        ...(args.clients ?? []).flatMap((client, i) =>
            isIP(client) || parseSubnet(client)
                ? []
                : [fault(`clients[${i}]`, client, "an address, or a network in CIDR form")],
        ),
        ...etcdOptionFaults("", args),
        ...etcdSourceFaults(args.sources?.etcd),
        ...binarySourceFaults(args.sources, args.kubernetesVersion),
    ];
}
