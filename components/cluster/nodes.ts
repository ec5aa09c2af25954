import { Formation } from "../etcd/formation";
import { Dependencies, mergeDependencies } from "../host/dependencies";
import { Host } from "../host/host";
import { Turns, inTurns } from "../host/turns";
import { onControlPlane } from "../model/etcd";
import { NodeSettings } from "../model/nodes";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { EtcdAccess } from "./etcdAccess";
import { ClusterHosts, Context } from "./hosts";
import { WorkerNode } from "./workerNode";

/** Creates the control plane nodes: new ones side by side, changes one after the other. */
export function controlPlaneNodes(
    { name, settings, secrets, pki, child }: Context,
    { controlPlane: hosts, barrier }: ClusterHosts,
    etcd: EtcdAccess | undefined,
): Turns<ControlPlaneNode> {
    const formation = onControlPlane(settings.etcd)
        ? new Formation(name, { hosts, dataDir: settings.etcd.options.dataDir, barrier }, child)
        : undefined;
    const shared = { barrier, pki, settings, secrets, etcd, formation };
    return inTurns({
        items: withHosts(settings.controlPlaneNodes, hosts),
        create: (item, turnAfter) =>
            new ControlPlaneNode(`${name}-${item.node.name}`, { ...shared, ...item, turnAfter }, child),
    });
}

/**
 * Joins the workers side by side, and changes at most `maxUnavailable` at one time. A kubelet must not be newer than its
 * apiserver: the configuration, which a join waits for, comes after the control plane's changes.
 */
export function workerNodes(
    { name, settings, secrets, pki, child }: Context,
    { workers: hosts, barrier }: ClusterHosts,
    configuration: ClusterConfiguration,
    network: Dependencies,
): WorkerNode[] {
    const shared = {
        barrier,
        caCertificate: pki.ca.certificate,
        settings,
        registryPasswords: secrets.registryPasswords,
        joinAfter: [configuration.applied],
    };
    const { hosts: nodes } = inTurns({
        items: withHosts(settings.workerNodes, hosts),
        atOnce: settings.maxUnavailable,
        joinsFirst: false,
        after: mergeDependencies([[configuration.applied], network]),
        create: (item, turnAfter) => {
            const bootstrapToken = configuration.tokenOf(item.node.name);
            return new WorkerNode(
                `${name}-${item.node.name}`,
                { ...shared, ...item, bootstrapToken, turnAfter },
                child,
            );
        },
    });
    return nodes;
}

const withHosts = (nodes: NodeSettings[], hosts: Host[]) => nodes.map((node, i) => ({ node, host: hosts[i] }));
