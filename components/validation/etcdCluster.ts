import type { EtcdClusterArgs } from "../etcdCluster";
import { Fault, fault, throwIfAny } from "./fault";
import { place, validateHost, validateUnique } from "./hosts";

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateEtcdCluster = (args: EtcdClusterArgs): void =>
    throwIfAny("the etcd cluster's configuration", etcdClusterFaults(args));

export function etcdClusterFaults(args: EtcdClusterArgs): Fault[] {
    const members = place("members", args.members ?? []);
    const odd = members.length % 2 === 1 && members.length <= 7;
    return [
        ...(odd
            ? []
            : [fault("members", members.length, "an odd number of members, 1 to 7: etcd decides by majority")]),
        ...members.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique(members),
    ];
}
