import * as pulumi from "@pulumi/pulumi";
import { ClusterConfiguration } from "./clusterConfiguration";
import type { EtcdAccess } from "./clusterEtcd";
import type { Context, Machines } from "./clusterMachines";
import { bootstrapToken } from "./config/bootstrapToken";
import { DEFAULT_MAX_UNAVAILABLE } from "./constants";
import { ControlPlaneNode } from "./controlPlaneNode";
import { afterTurns, Steps } from "./isolation";
import { Machine } from "./machine";
import { NodeArgs } from "./types";
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
    const nodes: ControlPlaneNode[] = [];
    let changed: Steps = pulumi.output([]);
    settings.controlPlaneNodes.forEach((node, i) => {
        const args = {
            node,
            machine: machines.controlPlane[i],
            barrier: machines.allPassed,
            pki,
            settings,
            etcd,
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
            bootstrapToken: pki.serviceAccountKey.apply((key) => {
                const { id, secret } = bootstrapToken(key, node);
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
