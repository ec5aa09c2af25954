import * as pulumi from "@pulumi/pulumi";
import { Formation } from "../etcd/formation";
import { Steps, afterTurns } from "../host/dependencies";
import { Machine } from "../host/host";
import { DEFAULT_MAX_UNAVAILABLE } from "../model/cluster";
import { onControlPlane } from "../model/etcd";
import { NodeArgs } from "../model/hosts";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { EtcdAccess } from "./etcdAccess";
import { Context, Machines } from "./hosts";
import { WorkerNode } from "./workerNode";

export interface ControlPlane {
    nodes: ControlPlaneNode[];
    /** The change of those that came up. */
    changed: Steps;
}

/** Created side by side; changed one after the other. */
export function controlPlaneNodes(
    { name, settings, pki, child }: Context,
    machines: Machines,
    etcd: EtcdAccess | undefined,
): ControlPlane {
    const { allPassed } = machines;
    const formation = onControlPlane(settings.etcd)
        ? new Formation(name, machines.controlPlane, allPassed, child)
        : undefined;
    const nodes: ControlPlaneNode[] = [];
    let changed: Steps = pulumi.output([]);
    settings.controlPlaneNodes.forEach((node, i) => {
        const args = {
            node,
            machine: machines.controlPlane[i],
            barrier: allPassed,
            pki,
            settings,
            etcd,
            formation,
            rolloutAfter: changed,
        };
        const made = new ControlPlaneNode(`${name}-${node.name}`, args, child);
        nodes.push(made);
        changed = afterTurns([made], changed);
    });
    return { nodes, changed };
}

/**
 * Joined side by side; changed in batches. A kubelet must not be newer than its apiserver: the configuration, which a
 * join waits for, comes after the control plane's rollout.
 */
export function workerNodes(
    { name, args, settings, pki, child }: Context,
    machines: Machines,
    configuration: ClusterConfiguration,
    network: Steps,
): WorkerNode[] {
    const workers = args.workerNodes ?? [];
    const batch = args.maxUnavailable ?? DEFAULT_MAX_UNAVAILABLE;
    const join = (node: NodeArgs, machine: Machine, rolloutAfter: Steps): WorkerNode => {
        const workerArgs = {
            node,
            machine,
            barrier: machines.allPassed,
            clusterId: pki.id,
            caCertificate: pki.ca.certificate,
            bootstrapToken: configuration.tokens.apply((tokens) => {
                const { id, secret } = tokens[node.name];
                return `${id}.${secret}`;
            }),
            settings,
            joinAfter: [configuration.applied],
            rolloutAfter,
        };
        return new WorkerNode(`${name}-${node.name}`, workerArgs, child);
    };
    const nodes: WorkerNode[] = [];
    let changed: Steps = network;
    for (let first = 0; first < workers.length; first += batch) {
        const made = workers
            .slice(first, first + batch)
            .map((node, i) => join(node, machines.workers[first + i], changed));
        nodes.push(...made);
        changed = afterTurns(made, changed);
    }
    return nodes;
}
