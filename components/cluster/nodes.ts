import { Formation } from "../etcd/formation";
import { Dependencies, mergeDependencies } from "../host/dependencies";
import { Host } from "../host/host";
import { Turns, inTurns } from "../host/turns";
import { registrySecrets } from "../host/runtime";
import { balancerSecrets } from "../load-balancer/parts";
import { PlannedNode } from "../model/clusterPlan";
import { onControlPlane } from "../model/etcd";
import { LoadBalancerPlacement } from "../model/loadBalancerType";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { EtcdAccess } from "./etcdAccess";
import { ClusterHosts, Context } from "./hosts";
import { WorkerNode } from "./workerNode";

/** Creates the control plane nodes: new ones side by side, changes one after the other. */
export function controlPlaneNodes(
    { name, plan, secrets, pki, child }: Context,
    { controlPlane, barrier }: ClusterHosts,
    etcd: EtcdAccess | undefined,
): Turns<ControlPlaneNode> {
    const { shape, settings } = plan;
    const formation = onControlPlane(shape.etcd)
        ? new Formation(name, { hosts: controlPlane, dataDir: shape.etcd.options.dataDir, barrier }, child)
        : undefined;
    const passwords = {
        ...registrySecrets(shape, secrets.registryPasswords),
        ...(shape.loadBalancer.placement === LoadBalancerPlacement.Dedicated
            ? {}
            : balancerSecrets(secrets.balancerPasswords)),
    };
    const shared = { barrier, pki, settings, passwords, etcd, formation };
    return inTurns({
        items: withHosts(plan.controlPlaneNodes, controlPlane),
        create: (item, turnAfter) =>
            new ControlPlaneNode(`${name}-${item.host.shape.name}`, { ...shared, ...item, turnAfter }, child),
    });
}

/**
 * Joins the workers side by side, and changes at most `maxUnavailable` at one time. A kubelet must not be newer than its
 * apiserver: the configuration, which a join waits for, comes after the control plane's changes.
 */
export function workerNodes(
    { name, plan, secrets, pki, child }: Context,
    { workers, barrier }: ClusterHosts,
    configuration: ClusterConfiguration,
    network: Dependencies,
): WorkerNode[] {
    const shared = {
        barrier,
        caCertificate: pki.ca.certificate,
        settings: plan.settings,
        passwords: registrySecrets(plan.shape, secrets.registryPasswords),
        joinAfter: [configuration.applied],
    };
    const { hosts: nodes } = inTurns({
        items: withHosts(plan.workerNodes, workers),
        atOnce: plan.shape.maxUnavailable,
        joinsFirst: false,
        after: mergeDependencies([[configuration.applied], network]),
        create: (item, turnAfter) => {
            const bootstrapToken = configuration.tokenOf(item.host.shape.name);
            return new WorkerNode(
                `${name}-${item.host.shape.name}`,
                { ...shared, ...item, bootstrapToken, turnAfter },
                child,
            );
        },
    });
    return nodes;
}

const withHosts = (nodes: PlannedNode[], hosts: Host[]) =>
    nodes.map(({ settings: node }, i) => ({ node, host: hosts[i] }));
