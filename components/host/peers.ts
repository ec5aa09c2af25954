import * as pulumi from "@pulumi/pulumi";
import { PORTS } from "../lib/ports";
import { ClusterSettings } from "../model/cluster";
import { onDedicatedHosts } from "../model/etcd";
import { HostSettings } from "../model/hosts";
import { whenSettled } from "./dependencies";
import { HostKind } from "./preflight";

type Peer = Pick<HostSettings, "name" | "privateAddress">;

/**
 * The hosts that a host of this kind must reach: `name address port…`. A worker has none, because its inputs name no other host: a new
 * control plane node would then change every worker.
 */
export function clusterPeers(settings: ClusterSettings, kind: HostKind, host: Peer): string[] {
    const { controlPlaneNodes, etcd } = settings;
    const isMember = etcd.members.some(({ name }) => name === host.name);
    const nodePorts = [PORTS.apiServer, PORTS.kubelet, ...(isMember ? MEMBER_PORTS : [])];
    switch (kind) {
        case "controlPlane":
            return [
                ...peerRows(controlPlaneNodes, host, nodePorts),
                ...(onDedicatedHosts(etcd) ? peerRows(etcd.members, host, [PORTS.etcdClient]) : []),
            ];
        case "etcd":
            return memberPeers(etcd.members, host);
        case "loadBalancer":
            return peerRows(controlPlaneNodes, host, [PORTS.apiServer]);
        case "worker":
            return [];
    }
}

const MEMBER_PORTS = [PORTS.etcdClient, PORTS.etcdPeer];

/** The other members of an etcd on hosts of its own. */
export const memberPeers = (members: Peer[], host: Peer): string[] => peerRows(members, host, MEMBER_PORTS);

const peerRows = (hosts: Peer[], host: Peer, ports: number[]): string[] =>
    hosts
        .filter(({ name }) => name !== host.name)
        .map(({ name, privateAddress }) => [name, privateAddress, ...ports].join(" "));

/**
 * Finds out which hosts SSH reaches. The preflight of a host that has peers waits until each of them was called: one that is off, or that
 * still boots, would look like one behind a closed firewall.
 */
export class SshReach {
    /** The names of the hosts that SSH reaches. */
    public readonly names: pulumi.Output<string[]>;
    private answer!: (names: pulumi.Output<string[]>) => void;

    constructor() {
        this.names = pulumi.output(new Promise<pulumi.Output<string[]>>((resolve) => (this.answer = resolve)));
    }

    /** To be called once, with every host that may be a peer, because preflights wait for it. */
    public of(hosts: { shape: { name: string }; toolkit: pulumi.Resource }[]): void {
        const reached = hosts.map(({ shape, toolkit }) =>
            whenSettled<string[]>(toolkit, { ok: [shape.name], failed: [] }),
        );
        this.answer(pulumi.all(reached).apply((names) => names.flat()));
    }
}

/** The rows of the peers that SSH reaches. */
export const reachedPeers = (peers: pulumi.Input<string[]>, reach: SshReach): pulumi.Output<string[]> =>
    pulumi.all([peers, reach.names]).apply(([rows, names]) => rows.filter((row) => names.includes(row.split(" ")[0])));
