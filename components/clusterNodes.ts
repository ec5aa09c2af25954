import * as pulumi from "@pulumi/pulumi";
import { ClusterConfiguration } from "./clusterConfiguration";
import type { EtcdAccess } from "./clusterEtcd";
import type { Context, Machines } from "./clusterMachines";
import { bootstrapToken } from "./config/bootstrapToken";
import { DEFAULT_MAX_UNAVAILABLE } from "./constants";
import { ControlPlaneNode } from "./controlPlaneNode";
import { WorkerNode } from "./workerNode";

/** Created side by side; changed one after the other. */
export function controlPlaneNodes(
    { name, settings, pki, child }: Context,
    machines: Machines,
    etcd: EtcdAccess | undefined,
): ControlPlaneNode[] {
    const nodes: ControlPlaneNode[] = [];
    settings.controlPlaneNodes.forEach((node, i) => {
        const args = {
            node,
            machine: machines.controlPlane[i],
            barrier: machines.allPassed,
            pki,
            settings,
            etcd,
            rolloutAfter: nodes.slice(-1).map((previous) => previous.rollout),
        };
        nodes.push(new ControlPlaneNode(`${name}-${node.name}`, args, child));
    });
    return nodes;
}

/**
 * Joined side by side; changed in batches. A kubelet must not be newer than its apiserver: the configuration, which a
 * join waits for, comes after the control plane's rollout.
 */
export function workerNodes(
    { name, args, settings, pki, child }: Context,
    machines: Machines,
    configuration: ClusterConfiguration,
    network: pulumi.Output<pulumi.Resource[]>,
): WorkerNode[] {
    const batch = args.maxUnavailable ?? DEFAULT_MAX_UNAVAILABLE;
    const nodes: WorkerNode[] = [];
    (args.workerNodes ?? []).forEach((node, i) => {
        const batchStart = Math.floor(i / batch) * batch;
        const previousBatch = nodes.slice(Math.max(0, batchStart - batch), batchStart);
        const workerArgs = {
            node,
            machine: machines.workers[i],
            barrier: machines.allPassed,
            clusterId: pki.id,
            caCertificate: pki.ca.certificate,
            bootstrapToken: pki.serviceAccountKey.apply((key) => {
                const { id, secret } = bootstrapToken(key, node);
                return `${id}.${secret}`;
            }),
            settings,
            joinAfter: [configuration.applied],
            rolloutAfter: network.apply((last) => [...last, ...previousBatch.map((worker) => worker.rollout)]),
        };
        nodes.push(new WorkerNode(`${name}-${node.name}`, workerArgs, child));
    });
    return nodes;
}
