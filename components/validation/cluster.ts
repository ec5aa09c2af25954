import type { ClusterArgs } from "../clusterArgs";
import { DEFAULT_KUBERNETES_VERSION, minorOf, SUPPORTED_MINORS } from "../versions";
import { isIP } from "./addresses";
import { addonFaults } from "./addons";
import { binaryFaults } from "./binaries";
import { cniFaults } from "./cni";
import { etcdFaults } from "./etcd";
import { countFaults, Fault, fault, throwIfAny } from "./fault";
import { firewallFaults } from "./firewall";
import { isDnsName, place, validateHost, validateNode, validateUnique } from "./hosts";
import { loadBalancerFaults } from "./loadBalancer";
import { networkFaults } from "./network";
import { sourceFaults } from "./sources";

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateCluster = (args: ClusterArgs): void =>
    throwIfAny("the cluster's configuration", clusterFaults(args));

export function clusterFaults(args: ClusterArgs): Fault[] {
    return [
        ...versionFaults(args),
        ...nodeFaults(args),
        ...etcdFaults(args),
        ...loadBalancerFaults(args),
        ...networkFaults(args),
        ...cniFaults(args),
        ...addonFaults(args),
        ...firewallFaults(args),
        ...nameFaults(args),
        ...sourceFaults(args),
        ...binaryFaults(args),
    ];
}

function versionFaults({ kubernetesVersion = DEFAULT_KUBERNETES_VERSION }: ClusterArgs): Fault[] {
    if (/^\d+\.\d+\.\d+$/.test(kubernetesVersion) && minorOf(kubernetesVersion) in SUPPORTED_MINORS) return [];
    const known = Object.entries(SUPPORTED_MINORS).map(([minor, { latest }]) => `${minor}.x (newest known: ${latest})`);
    return [fault("kubernetesVersion", kubernetesVersion, `a version without 'v' of ${known.join(" or ")}`)];
}

function nodeFaults(args: ClusterArgs): Fault[] {
    const { controlPlaneNodes: controlPlane = [] } = args;
    const nodes = [...place("controlPlaneNodes", controlPlane), ...place("workerNodes", args.workerNodes ?? [])];
    const others = [
        ...place("loadBalancer.hosts", args.loadBalancer?.hosts ?? []),
        ...place("etcd.hosts", args.etcd?.hosts ?? []),
    ];
    return [
        ...nodes.flatMap(({ path, host }) => validateNode(path, host, args.ssh)),
        ...others.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique([...nodes, ...others]),
        ...countFaults("maxUnavailable", args.maxUnavailable),
        ...countFaults("drainTimeoutSeconds", args.drainTimeoutSeconds),
        ...(args.ssh?.privateKey ? [] : [fault("ssh.privateKey", undefined, "a private key that the hosts accept")]),
    ];
}

function nameFaults({ controlPlaneEndpoint: endpoint, certSANs = [] }: ClusterArgs): Fault[] {
    return [
        ...(endpoint === undefined || isIP(endpoint) || isDnsName(endpoint)
            ? []
            : [fault("controlPlaneEndpoint", endpoint, "a DNS name or an address, without a port")]),
        ...certSANs.flatMap((san, i) =>
            isIP(san) || isDnsName(san.replace(/^\*\./, ""))
                ? []
                : [fault(`certSANs[${i}]`, san, "a DNS name or an IP address")],
        ),
    ];
}
