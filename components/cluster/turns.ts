import * as pulumi from "@pulumi/pulumi";
import { Formation } from "../etcd/formation";
import { Dependencies, afterRollouts } from "../host/dependencies";
import { onControlPlane } from "../model/etcd";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { EtcdAccess } from "./etcdAccess";
import { ClusterHosts, Context } from "./hosts";
import { WorkerNode } from "./workerNode";

export interface ControlPlane {
    nodes: ControlPlaneNode[];
    /** The rollouts of the nodes that came up. */
    changed: Dependencies;
}

/** Creates the control plane nodes side by side, and changes them one after the other. */
export function controlPlaneNodes(
    { name, settings, secrets, pki, child }: Context,
    { controlPlane: hosts, barrier }: ClusterHosts,
    etcd: EtcdAccess | undefined,
): ControlPlane {
    const formation = onControlPlane(settings.etcd) ? new Formation(name, hosts, barrier, child) : undefined;
    const shared = { barrier, pki, settings, secrets, etcd, formation };
    const nodes: ControlPlaneNode[] = [];
    let changed: Dependencies = pulumi.output([]);
    settings.controlPlaneNodes.forEach((node, i) => {
        const args = { ...shared, node, host: hosts[i], rolloutAfter: changed };
        const created = new ControlPlaneNode(`${name}-${node.name}`, args, child);
        nodes.push(created);
        changed = afterRollouts([created], changed);
    });
    return { nodes, changed };
}

/**
 * Joins the workers side by side, and changes them in batches of `maxUnavailable`. A kubelet must not be newer than its
 * apiserver: the configuration, which a join waits for, comes after the control plane's rollout.
 */
export function workerNodes(
    { name, settings, secrets, pki, child }: Context,
    { workers: hosts, barrier }: ClusterHosts,
    configuration: ClusterConfiguration,
    network: Dependencies,
): WorkerNode[] {
    const { workerNodes: workers, maxUnavailable } = settings;
    const shared = {
        barrier,
        clusterId: pki.clusterId,
        caCertificate: pki.ca.certificate,
        settings,
        registryPasswords: secrets.registryPasswords,
        joinAfter: [configuration.applied],
    };
    const nodes: WorkerNode[] = [];
    let changed: Dependencies = network;
    for (let first = 0; first < workers.length; first += maxUnavailable) {
        const batch = workers.slice(first, first + maxUnavailable).map((node, i) => {
            const bootstrapToken = configuration.tokenOf(node.name);
            const args = { ...shared, node, host: hosts[first + i], bootstrapToken, rolloutAfter: changed };
            return new WorkerNode(`${name}-${node.name}`, args, child);
        });
        nodes.push(...batch);
        changed = afterRollouts(batch, changed);
    }
    return nodes;
}
