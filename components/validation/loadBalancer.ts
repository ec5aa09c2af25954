import type { ClusterArgs } from "../clusterArgs";
import { LoadBalancerPlacement } from "../types";
import { isIP } from "./addresses";
import { Fault, fault, inRange, oneOf } from "./fault";
import { isPort } from "./hosts";

export function loadBalancerFaults(args: ClusterArgs): Fault[] {
    const {
        placement = LoadBalancerPlacement.ControlPlane,
        hosts = [],
        virtualAddress,
        port,
        ...rest
    } = args.loadBalancer ?? {};
    const path = "loadBalancer";
    const dedicated = placement === LoadBalancerPlacement.Dedicated;
    const many = dedicated ? hosts.length > 1 : (args.controlPlaneNodes ?? []).length > 1;
    const faults: Fault[] = oneOf(`${path}.placement`, args.loadBalancer?.placement, LoadBalancerPlacement);
    if (dedicated && hosts.length === 0)
        faults.push(fault(`${path}.hosts`, undefined, "at least one host (placement is 'dedicated')"));
    if (!dedicated && hosts.length > 0)
        faults.push(
            fault(`${path}.hosts`, hosts.length, "none: placement 'controlPlane' balances on the control plane nodes"),
        );
    if (many && virtualAddress === undefined) {
        faults.push(
            fault(
                `${path}.virtualAddress`,
                undefined,
                "an address that keepalived keeps on one healthy host, as there is more than one",
            ),
        );
    }
    if (virtualAddress !== undefined) faults.push(...virtualAddressFaults(args, virtualAddress));
    if (port !== undefined && !isPort(port)) faults.push(fault(`${path}.port`, port, "a port, 1 to 65535"));
    if (!dedicated && port === 6443)
        faults.push(
            fault(`${path}.port`, port, "another port than 6443, which is kube-apiserver's own on these hosts"),
        );
    if (!inRange(rest.virtualRouterId, 1, 255))
        faults.push(fault(`${path}.virtualRouterId`, rest.virtualRouterId, "1 to 255"));
    if (!inRange(rest.advertInterval, 0.1, 40))
        faults.push(fault(`${path}.advertInterval`, rest.advertInterval, "seconds, 0.1 to 40"));
    return faults;
}

function virtualAddressFaults(args: ClusterArgs, address: string): Fault[] {
    const path = "loadBalancer.virtualAddress";
    if (!isIP(address)) return [fault(path, address, "an IP address")];
    const { controlPlaneNodes = [], workerNodes = [], loadBalancer, etcd } = args;
    const hosts = [...controlPlaneNodes, ...workerNodes, ...(loadBalancer?.hosts ?? []), ...(etcd?.hosts ?? [])];
    const taken = hosts.find((host) => host.address === address || host.privateAddress === address);
    return taken ? [fault(path, address, `an address that no host has; it is ${taken.name}'s`)] : [];
}
