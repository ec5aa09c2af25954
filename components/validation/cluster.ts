import { NETWORK_DEFAULTS } from "../constants";
import type { ClusterArgs } from "../clusterArgs";
import { CniPlugin, EtcdTopology, LoadBalancerPlacement, PackageRepositoryArgs } from "../types";
import { DEFAULT_KUBERNETES_VERSION, minorOf, SUPPORTED_MINORS } from "../versions";
import { contains, isIP, overlap, parseSubnet, Subnet } from "./addresses";
import { Fault, fault, throwIfAny } from "./fault";
import { isDnsName, isPort, place, validateHost, validateNode, validateUnique } from "./hosts";

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateCluster = (args: ClusterArgs): void =>
    throwIfAny("the cluster's configuration", clusterFaults(args));

export function clusterFaults(args: ClusterArgs): Fault[] {
    return [
        ...versionFaults(args),
        ...nodeFaults(args),
        ...loadBalancerFaults(args),
        ...networkFaults(args),
        ...choiceFaults(args),
        ...sourceFaults(args),
    ];
}

function versionFaults({ kubernetesVersion = DEFAULT_KUBERNETES_VERSION }: ClusterArgs): Fault[] {
    if (/^\d+\.\d+\.\d+$/.test(kubernetesVersion) && minorOf(kubernetesVersion) in SUPPORTED_MINORS) return [];
    const known = Object.entries(SUPPORTED_MINORS).map(([minor, { latest }]) => `${minor}.x (newest known: ${latest})`);
    return [fault("kubernetesVersion", kubernetesVersion, `a version without 'v' of ${known.join(" or ")}`)];
}

function nodeFaults(args: ClusterArgs): Fault[] {
    const controlPlane = args.controlPlaneNodes ?? [];
    const count = controlPlane.length;
    const nodes = [...place("controlPlaneNodes", controlPlane), ...place("workerNodes", args.workerNodes ?? [])];
    const balancers = place("loadBalancer.hosts", args.loadBalancer?.hosts ?? []);
    return [
        ...(count % 2 === 1 && count <= 7
            ? []
            : [fault("controlPlaneNodes", count, "an odd number of nodes, 1 to 7: etcd decides by majority")]),
        ...nodes.flatMap(({ path, host }) => validateNode(path, host, args.ssh)),
        ...balancers.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique([...nodes, ...balancers]),
    ];
}

function loadBalancerFaults(args: ClusterArgs): Fault[] {
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
    const faults: Fault[] = [];
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

const inRange = (value: number | undefined, low: number, high: number): boolean =>
    value === undefined || (typeof value === "number" && value >= low && value <= high);

function virtualAddressFaults(args: ClusterArgs, address: string): Fault[] {
    const path = "loadBalancer.virtualAddress";
    if (!isIP(address)) return [fault(path, address, "an IP address")];
    const hosts = [...(args.controlPlaneNodes ?? []), ...(args.workerNodes ?? []), ...(args.loadBalancer?.hosts ?? [])];
    const taken = hosts.find((host) => host.address === address || host.privateAddress === address);
    return taken ? [fault(path, address, `an address that no host has; it is ${taken.name}'s`)] : [];
}

function networkFaults(args: ClusterArgs): Fault[] {
    const network = { ...NETWORK_DEFAULTS, ...args.network };
    const faults: Fault[] = [];
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

function choiceFaults(args: ClusterArgs): Fault[] {
    const choice = (path: string, value: string | undefined, allowed: Record<string, string>): Fault[] =>
        value === undefined || Object.values(allowed).includes(value)
            ? []
            : [fault(path, value, Object.values(allowed).join(" or "))];
    const { maxUnavailable: batch, controlPlaneEndpoint: endpoint, cni } = args;
    return [
        ...choice("etcd.topology", args.etcd?.topology, EtcdTopology),
        ...choice("loadBalancer.placement", args.loadBalancer?.placement, LoadBalancerPlacement),
        ...choice("cni.plugin", cni?.plugin, CniPlugin),
        ...(inRange(cni?.mtu, 576, 65535) ? [] : [fault("cni.mtu", cni?.mtu, "bytes, 576 to 65535")]),
        ...(batch === undefined || (Number.isInteger(batch) && batch > 0)
            ? []
            : [fault("maxUnavailable", batch, "a whole number, 1 or more")]),
        ...(endpoint === undefined || isIP(endpoint) || isDnsName(endpoint)
            ? []
            : [fault("controlPlaneEndpoint", endpoint, "a DNS name or an address, without a port")]),
        ...(args.certSANs ?? []).flatMap((san, i) =>
            isIP(san) || isDnsName(san.replace(/^\*\./, ""))
                ? []
                : [fault(`certSANs[${i}]`, san, "a DNS name or an IP address")],
        ),
        ...(args.ssh?.privateKey ? [] : [fault("ssh.privateKey", undefined, "a private key that the hosts accept")]),
    ];
}

function sourceFaults({ sources = {} }: ClusterArgs): Fault[] {
    const mirrors = Object.entries(sources.registryMirrors ?? {})
        .filter(([, url]) => !/^https?:\/\/[^/]/.test(url))
        .map(([registry, url]) => fault(`sources.registryMirrors["${registry}"]`, url, "an http:// or https:// URL"));
    return [
        ...mirrors,
        ...repositoryFaults("sources.kubernetes", sources.kubernetes),
        ...repositoryFaults("sources.containerd", sources.containerd),
    ];
}

function repositoryFaults(path: string, repository: PackageRepositoryArgs | undefined): Fault[] {
    if (repository === undefined) return [];
    const faults: Fault[] = [];
    if (!/^https?:\/\//.test(repository.uri ?? ""))
        faults.push(fault(`${path}.uri`, repository.uri, "an http:// or https:// URI"));
    if (!repository.suite) faults.push(fault(`${path}.suite`, repository.suite, "suite and components, or '/'"));
    if (!/^(-----BEGIN PGP PUBLIC|[0-9A-F]{40} https?:)/.test(repository.key ?? "")) {
        faults.push(
            fault(`${path}.key`, repository.key?.slice(0, 40), "an armored public key, or '<fingerprint> <URL>'"),
        );
    }
    return faults;
}
