import { isIP } from "net";
import { isCanonical, isSpecialAddress } from "../lib/addresses";
import { Fault, fault } from "../lib/faults";
import { HostSettings } from "./hosts";
import { BalancerChoices, LoadBalancerPlacement, LoadBalancerType, isProxy } from "./loadBalancerType";
import { NetworkSettings, subnetWith } from "./network";

const path = "loadBalancer.virtualAddress";

/** The rest of the cluster, as far as the balancer's rules need it. */
export interface AroundBalancer {
    controlPlaneEndpoint?: string;
    /** Every host of the cluster. */
    hosts: HostSettings[];
    network: NetworkSettings;
    /** Where etcd serves metrics on the control plane nodes. */
    metricsUrls: string[];
    /** The ports of NodePort Services, `first-last`. */
    nodePorts: string;
}

/** The settings of the balancer that the rule reads. */
interface Balancer extends BalancerChoices {
    balancers: HostSettings[];
    backends: { address: string }[];
    virtualAddress?: string;
}

/** Where a virtual address is needed and where it has no meaning; and that it can be one. */
export function virtualAddressFaults(
    { type, placement, balancers, backends, virtualAddress }: Balancer,
    { controlPlaneEndpoint, hosts, network }: AroundBalancer,
): Fault[] {
    if (type === LoadBalancerType.External && controlPlaneEndpoint === undefined) {
        return [fault("controlPlaneEndpoint", undefined, "the external balancer's DNS name or address")];
    }
    if (type === LoadBalancerType.External || placement === LoadBalancerPlacement.NodeLocal) {
        const reason =
            type === LoadBalancerType.External
                ? "controlPlaneEndpoint is the external balancer's address"
                : "with placement 'nodeLocal' every node has its own balancer";
        return virtualAddress === undefined ? [] : [fault(path, virtualAddress, `none: ${reason}`)];
    }
    if (virtualAddress !== undefined) {
        const own = balancers.map(({ privateAddress }) => privateAddress);
        const servers = type === LoadBalancerType.Lvs ? backends.map(({ address }) => address) : [];
        return addressFaults(virtualAddress, [...own, ...servers], hosts, network);
    }
    if (!isProxy(type)) return [fault(path, undefined, `an address, which '${type}' keeps on a healthy host`)];
    return balancers.length > 1
        ? [
              fault(
                  path,
                  undefined,
                  `an unused address of the hosts' network, because ${balancers.length} hosts share the endpoint`,
              ),
          ]
        : [];
}

function addressFaults(address: string, holders: string[], hosts: HostSettings[], network: NetworkSettings): Fault[] {
    if (!isIP(address) || isSpecialAddress(address)) {
        return [fault(path, address, "an unused IP address of the hosts' network")];
    }
    if (!isCanonical(address)) return [fault(path, address, "its shortest spelling (RFC 5952): fd00::100")];
    // Advertisements between hosts are of the family of the address that they are about; LVS passes packets on as they are.
    const other = holders.find((own) => isIP(own) && isIP(own) !== isIP(address));
    if (other) return [fault(path, address, `an IPv${isIP(other)} address, as the balancer's hosts have (${other})`)];
    const inside = subnetWith(address, network);
    if (inside) return [fault(path, address, `an address outside ${inside}, which is a subnet of pods or Services`)];
    const taken = hosts.find((host) => [host.address, host.privateAddress, host.secondaryAddress].includes(address));
    return taken ? [fault(path, address, `an unused address; the host ${taken.name} has it`)] : [];
}
