import * as pulumi from "@pulumi/pulumi";
import { ClusterArgs, ClusterSettings, ClusterShape, KnownClusterArgs, resolveSettings } from "./cluster";
import { clusterFaults } from "./clusterRules";
import {
    EtcdClusterArgs,
    EtcdHostsSettings,
    EtcdHostsShape,
    KnownEtcdClusterArgs,
    etcdClusterFaults,
    memberDefaults,
    resolveEtcdCluster,
} from "./etcdCluster";
import { SetupRole } from "./hostSetup";
import {
    HostDefaultsArgs,
    HostSettings,
    HostShape,
    KnownHostArgs,
    hostDefaults,
    resolveHost,
    validateHost,
} from "./hosts";
import { LateArgs } from "./lateArgs";
import { mapClusterArgs, mapEtcdClusterArgs } from "./lateInputs";
import { clusterFamilies, resolveNetwork } from "./network";
import {
    CONTROL_PLANE_TAINT,
    KnownNodeArgs,
    NodeSettings,
    NodeShape,
    TaintArgs,
    resolveNode,
    validateNode,
} from "./nodes";

/** A host: what is known of it at once, and its settings, which wait for its own values alone. */
export interface PlannedHost<Shape = HostShape, Settings = HostSettings> {
    shape: Shape;
    settings: pulumi.Output<Settings>;
}

export type PlannedNode = PlannedHost<NodeShape, NodeSettings>;

/** A cluster: what is known of it at once, and what comes with the values that other resources of the program produce. */
export interface ClusterPlan {
    shape: ClusterShape;
    /** They wait for the values of the control plane, of the balancer and of etcd. */
    settings: pulumi.Output<ClusterSettings>;
    controlPlaneNodes: PlannedNode[];
    workerNodes: PlannedNode[];
    /** The balancer's hosts of its own. */
    balancerHosts: PlannedHost[];
    /** etcd's hosts of its own. */
    etcdHosts: PlannedHost[];
    /** Known when every value is there, and all are right together. */
    checked: pulumi.Output<boolean>;
}

/** Throws one error with every fault of what is known, by property path. */
export function planCluster(args: ClusterArgs): ClusterPlan {
    const late = new LateArgs<ClusterArgs, KnownClusterArgs>(args, {
        what: "the cluster's configuration",
        map: mapClusterArgs,
        faults: clusterFaults,
        families: clusterFamilies(resolveNetwork(args.network)),
    });
    const shape = resolveSettings(late.withPlaceholders());
    const node = (role: SetupRole, taints: TaintArgs[]) => ({
        faults: (path: string, host: KnownNodeArgs) => validateNode(path, host, args.ssh),
        resolve: (host: KnownNodeArgs) => resolveNode(host, hostDefaults(args, role), taints),
    });
    const { controlPlaneNodes, workerNodes = [], loadBalancer, etcd } = args;
    return {
        shape,
        settings: late.onceKnown((path) => !path.startsWith("workerNodes["), resolveSettings),
        controlPlaneNodes: late.hosts(
            "controlPlaneNodes",
            controlPlaneNodes,
            node("controlPlane", [CONTROL_PLANE_TAINT]),
        ),
        workerNodes: late.hosts("workerNodes", workerNodes, node("workers", [])),
        balancerHosts: late.hosts("loadBalancer.hosts", loadBalancer?.hosts ?? [], plainHost(args, "loadBalancer")),
        etcdHosts: late.hosts("etcd.hosts", etcd?.hosts ?? [], plainHost(args, "etcd")),
        checked: late.checked(),
    };
}

/** An etcd cluster of its own, in the same way. */
export interface EtcdClusterPlan {
    shape: EtcdHostsShape;
    settings: pulumi.Output<EtcdHostsSettings>;
    members: PlannedHost[];
}

/** Throws one error with every fault of what is known, by property path. */
export function planEtcdCluster(args: EtcdClusterArgs): EtcdClusterPlan {
    const late = new LateArgs<EtcdClusterArgs, KnownEtcdClusterArgs>(args, {
        what: "the etcd cluster's configuration",
        map: mapEtcdClusterArgs,
        faults: etcdClusterFaults,
        families: [4],
    });
    return {
        shape: resolveEtcdCluster(late.withPlaceholders()),
        settings: late.onceKnown(() => true, resolveEtcdCluster),
        members: late.hosts("members", args.members, plainHost(memberDefaults(args))),
    };
}

const plainHost = (args: HostDefaultsArgs, role?: SetupRole) => ({
    faults: (path: string, host: KnownHostArgs) => validateHost(path, host, args.ssh),
    resolve: (host: KnownHostArgs) => resolveHost(host, hostDefaults(args, role)),
});
