import type { ClusterArgs } from "../clusterArgs";
import { NETWORK_DEFAULTS } from "../constants";
import { CniPlugin } from "../types";
import { contains, overlap, parseSubnet, Subnet } from "./addresses";
import { Fault, fault, inRange, oneOf } from "./fault";
import { isDnsName, place } from "./hosts";

export function networkFaults(args: ClusterArgs): Fault[] {
    const network = { ...NETWORK_DEFAULTS, ...args.network };
    const faults: Fault[] = [
        ...oneOf("cni.plugin", args.cni?.plugin, CniPlugin),
        ...(inRange(args.cni?.mtu, 576, 65535) ? [] : [fault("cni.mtu", args.cni?.mtu, "bytes, 576 to 65535")]),
    ];
    const subnet = (field: "podSubnet" | "serviceSubnet"): Subnet | undefined => {
        const parsed = parseSubnet(network[field]);
        if (!parsed)
            faults.push(fault(`network.${field}`, network[field], "a network in CIDR form, e.g. '10.244.0.0/16'"));
        return parsed;
    };
    const pods = subnet("podSubnet");
    const services = subnet("serviceSubnet");
    if (pods && services && overlap(pods, services)) {
        faults.push(
            fault(
                "network.serviceSubnet",
                network.serviceSubnet,
                `a subnet apart from podSubnet, ${network.podSubnet}`,
            ),
        );
    }
    // Each node takes a /24 of the pods' addresses (the controller manager's node-cidr-mask-size).
    if (pods?.family === 4 && pods.prefix > 23)
        faults.push(
            fault("network.podSubnet", network.podSubnet, "a prefix of at most 23: every node takes a /24 of it"),
        );
    if (!isDnsName(network.dnsDomain)) faults.push(fault("network.dnsDomain", network.dnsDomain, "a DNS domain"));
    for (const { path, host } of [
        ...place("controlPlaneNodes", args.controlPlaneNodes ?? []),
        ...place("workerNodes", args.workerNodes ?? []),
    ]) {
        const address = host.privateAddress ?? host.address ?? "";
        const inside = [pods, services].find((range) => range && contains(range, address));
        if (inside)
            faults.push(
                fault(
                    `${path}.address`,
                    address,
                    `an address outside ${inside.address}/${inside.prefix}, which is the cluster's own`,
                ),
            );
    }
    return faults;
}
