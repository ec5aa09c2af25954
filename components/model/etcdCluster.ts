import { isIP } from "net";
import { EtcdClusterArgs } from "../etcd/etcdCluster";
import { parseSubnet } from "../lib/addresses";
import { Fault, fault, oneOf, throwIfAny } from "../lib/faults";
import { binarySourceFaults } from "./binaries";
import { EtcdRuntime, majority } from "./etcd";
import { etcdOptionFaults } from "./etcdOptions";
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
