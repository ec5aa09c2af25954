import type { ClusterArgs } from "../clusterArgs";
import { PORTS } from "../constants";
import { isProxy, sharesApiServersHost } from "../loadBalancerSettings";
import {
    LoadBalancerPlacement as Placement,
    LoadBalancerTopologyArgs,
    LoadBalancerType as Type,
    NodeArgs,
} from "../types";
import { privateAddressOf } from "../remote/connection";
import { isCanonical, isIP } from "./addresses";
import { balancerOptionFaults } from "./balancerOptions";
import { Fault, fault, oneOf } from "./fault";
import { isPort } from "./hosts";

/** What every rule looks at: the choices with their defaults, beside the arguments as given. */
interface Shape {
    args: ClusterArgs;
    given: LoadBalancerTopologyArgs;
    type: Type;
    placement?: Placement;
}

const path = "loadBalancer";

export function loadBalancerFaults(args: ClusterArgs): Fault[] {
    const given = args.loadBalancer ?? {};
    const words = [
        ...oneOf(`${path}.type`, given.type, Type),
        ...oneOf(`${path}.placement`, given.placement, Placement),
    ];
    const type = given.type ?? Type.Haproxy;
    const combination = words.length > 0 ? words : combinationFaults(type, given.placement);
    // Of a shape that makes no sense nothing more can be said.
    if (combination.length > 0) return combination;
    const placement = type === Type.External ? undefined : (given.placement ?? Placement.ControlPlane);
    const shape = { args, given, type, placement };
    return [
        ...hostFaults(shape),
        ...addressFaults(shape),
        ...portFaults(shape),
        ...balancerOptionFaults(path, given, type, placement),
    ];
}

function combinationFaults(type: Type, placement: Placement | undefined): Fault[] {
    const at = `${path}.placement`;
    if (placement === undefined) return [];
    if (type === Type.External) return [fault(at, placement, "none: type 'external' runs on no host of ours")];
    if (isProxy(type) || placement === Placement.ControlPlane) return [];
    const why =
        placement === Placement.Dedicated
            ? "leads to an apiserver on the very host that holds the address"
            : "moves an address between hosts, and needs none where every node has a balancer of its own";
    return [fault(at, placement, `'controlPlane', or type 'haproxy' or 'nginx': '${type}' ${why}`)];
}

function hostFaults({ given: { hosts = [] }, placement }: Shape): Fault[] {
    const dedicated = placement === Placement.Dedicated;
    if (dedicated && hosts.length === 0)
        return [fault(`${path}.hosts`, undefined, "at least one host (placement is 'dedicated')")];
    if (dedicated || hosts.length === 0) return [];
    return [fault(`${path}.hosts`, hosts.length, "none: only placement 'dedicated' has hosts of its own")];
}

function addressFaults({ args, given: { hosts = [], virtualAddress }, type, placement }: Shape): Fault[] {
    const at = `${path}.virtualAddress`;
    if (type === Type.External && args.controlPlaneEndpoint === undefined)
        return [fault("controlPlaneEndpoint", undefined, "the external balancer's DNS name or address")];
    if (type === Type.External || placement === Placement.NodeLocal) {
        const reason =
            type === Type.External ? "controlPlaneEndpoint leads to it" : "every node calls its own balancer";
        return virtualAddress === undefined ? [] : [fault(at, virtualAddress, `none: ${reason}`)];
    }
    const candidates = placement === Placement.Dedicated ? hosts : (args.controlPlaneNodes ?? []);
    if (virtualAddress !== undefined) return virtualAddressFaults(args, virtualAddress);
    if (!isProxy(type)) return [fault(at, undefined, `an address: it is what '${type}' keeps on a healthy host`)];
    return candidates.length > 1
        ? [fault(at, undefined, "an address that keepalived keeps on one healthy host, as there is more than one")]
        : [];
}

function virtualAddressFaults(args: ClusterArgs, address: string): Fault[] {
    const at = `${path}.virtualAddress`;
    if (!isIP(address)) return [fault(at, address, "an IP address")];
    if (!isCanonical(address)) return [fault(at, address, "its shortest spelling (RFC 5952): fd00::100")];
    const { controlPlaneNodes = [], workerNodes = [], loadBalancer, etcd } = args;
    const hosts = [...controlPlaneNodes, ...workerNodes, ...(loadBalancer?.hosts ?? []), ...(etcd?.hosts ?? [])];
    const taken = hosts.find((host: NodeArgs) =>
        [host.address, host.privateAddress, host.secondaryAddress].includes(address),
    );
    // Advertisements between hosts are of the family of the address that they are about.
    const own = privateAddressOf(loadBalancer?.hosts?.[0] ?? controlPlaneNodes[0] ?? { name: "", address });
    if (isIP(own) && isIP(own) !== isIP(address))
        return [fault(at, address, `an IPv${isIP(own)} address, as the hosts that hold it have (${own})`)];
    return taken ? [fault(at, address, `an address that no host has; it is ${taken.name}'s`)] : [];
}

function portFaults({ given: { port }, type, placement }: Shape): Fault[] {
    const at = `${path}.port`;
    if (port === undefined) return [];
    if (!isPort(port)) return [fault(at, port, "a port, 1 to 65535")];
    if (type === Type.Keepalived || type === Type.KubeVip)
        return port === PORTS.apiServer
            ? []
            : [fault(at, port, `6443: without a proxy the virtual address leads to kube-apiserver's own port`)];
    if (!sharesApiServersHost(type, placement)) return [];
    const owner = Object.entries(PORTS).find(([name, taken]) => name !== "besideApiServer" && taken === port)?.[0];
    if (owner === undefined) return [];
    const whose = owner === "apiServer" ? "kube-apiserver's own" : `${owner}'s`;
    return [fault(at, port, `another port than ${port}, which is ${whose} on these hosts`)];
}
