import * as pulumi from "@pulumi/pulumi";
import { memberChecks } from "../etcd/members";
import { preflightBarrier } from "../host/barrier";
import { Host } from "../host/host";
import { SshReach, clusterPeers } from "../host/peers";
import { HostKind, PreflightChecks } from "../host/preflight";
import { ClusterSettings, ClusterShape } from "../model/cluster";
import { ClusterPlan, PlannedHost } from "../model/clusterPlan";
import { EtcdTopology, layoutOf, onControlPlane } from "../model/etcd";
import { networkWords } from "../model/network";
import { LoadBalancerPlacement, LoadBalancerType } from "../model/loadBalancerType";
import { ClusterSecrets } from "../model/secrets";
import {
    OwnChecks,
    apiServers,
    balancerChecks,
    hostFirewallChecks,
    hostSources,
    kindChecks,
    portsOf,
} from "./hostChecks";
import { ClusterPki } from "./pki";

/** The input of every part of one cluster. */
export interface Context {
    name: string;
    plan: ClusterPlan;
    secrets: ClusterSecrets;
    pki: ClusterPki;
    child: { parent: pulumi.Resource };
}

/** The hosts of a cluster, by what they become, and the barrier before the first change of any of them. */
export interface ClusterHosts {
    controlPlane: Host[];
    workers: Host[];
    loadBalancer: Host[];
    etcd: Host[];
    barrier: pulumi.Resource;
}

export function createHosts(cluster: Context): ClusterHosts {
    const { name, plan, child } = cluster;
    const { etcd, preflight } = plan.shape;
    const reach = new SshReach();
    const context = { ...cluster, reach };
    const controlPlane = hostsOf(context, "controlPlane", plan.controlPlaneNodes, (settings) => ({
        ports: portsOf(settings).controlPlane,
        ...(settings.loadBalancer.placement === LoadBalancerPlacement.ControlPlane ? balancerChecks(settings) : {}),
        etcdLayout: layoutOf(etcd),
        network: networkWords(settings.network),
        etcdData: onControlPlane(etcd) ? etcd.options.dataDir : undefined,
        mustReach: etcd.topology === EtcdTopology.Existing ? settings.etcd.endpoints : [],
    }));
    const workers = hostsOf(context, "worker", plan.workerNodes, (settings) => ({ ports: portsOf(settings).worker }));
    const loadBalancer = hostsOf(context, "loadBalancer", plan.balancerHosts, (settings) => ({
        ports: portsOf(settings).loadBalancer,
        ...balancerChecks(settings),
        lvsBackends: settings.loadBalancer.type === LoadBalancerType.Lvs ? apiServers(settings) : undefined,
    }));
    const members = hostsOf(context, "etcd", plan.etcdHosts, () => memberChecks(etcd));
    const hosts = [...controlPlane, ...workers, ...loadBalancer, ...members];
    reach.of([...controlPlane, ...members]);
    return {
        controlPlane,
        workers,
        loadBalancer,
        etcd: members,
        barrier: preflightBarrier(`${name}-checked`, { hosts, checked: plan.checked, preflight }, child),
    };
}

function hostsOf(
    { name, plan, secrets, pki, child, reach }: Context & { reach: SshReach },
    kind: HostKind,
    hosts: PlannedHost[],
    own: (settings: ClusterSettings) => OwnChecks,
): Host[] {
    const { ssh, fileContents } = secrets;
    const { clusterId, ca } = pki;
    const keyDigests = pki.keyDigests.apply((digests) => keysOnHosts(digests, plan.shape));
    return hosts.map(({ shape, settings }) => {
        const sources = hostSources(plan.shape, shape, kind);
        const checks = pulumi.all([plan.settings, settings]).apply(([cluster, host]): PreflightChecks => ({
            ...kindChecks(cluster, kind),
            ...own(cluster),
            firewall: hostFirewallChecks(cluster, host, kind),
            sources,
        }));
        const peers = pulumi
            .all([plan.settings, settings])
            .apply(([cluster, host]) => clusterPeers(cluster, kind, host));
        const args = { shape, settings, kind, ssh, clusterId, ca, keyDigests, checks };
        return new Host(
            `${name}-${shape.name}`,
            {
                ...args,
                // A worker that is off stops nothing, whatever the others change to.
                calledFor: kind === "worker" ? [...(sources?.rows ?? []), ...(sources?.authorities ?? [])] : undefined,
                peers: kind === "worker" ? undefined : { rows: peers, reach },
                fileContents: fileContents[shape.name],
            },
            child,
        );
    });
}

// The CA of somebody else's etcd may change.
function keysOnHosts(digests: Record<string, string>, { etcd }: ClusterShape): Record<string, string> {
    const { "etcd/ca.crt": etcdCa, ...others } = digests;
    return etcd.topology === EtcdTopology.Existing ? others : { ...others, "etcd/ca.crt": etcdCa };
}
