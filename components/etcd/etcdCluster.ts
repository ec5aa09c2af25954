import * as pulumi from "@pulumi/pulumi";
import { preflightBarrier } from "../host/barrier";
import { neededCommands } from "../host/binaries";
import { firewallChecks } from "../host/firewall";
import { Host } from "../host/host";
import { SshReach, memberPeers } from "../host/peers";
import { PreflightChecks } from "../host/preflight";
import { authorityRows } from "../host/registries";
import { httpProxyParameters, programSource } from "../host/runtime";
import { memberSources, runtimeSources } from "../host/sources";
import { Certificate, authority, clusterIdOf } from "../lib/certificates";
import { EtcdRuntime, etcdEndpoints } from "../model/etcd";
import { planEtcdCluster } from "../model/clusterPlan";
import { EtcdClusterArgs, EtcdHostsSettings, memberDefaults } from "../model/etcdCluster";
import { HostSettings, hostDefaults } from "../model/hosts";
import { resolvePreflight } from "../model/preflightChecks";
import { contentsOf, registryPasswords } from "../model/secrets";
import { sshAccess } from "../model/ssh";
import { clientCertificate } from "./credentials";
import { EtcdMembers, memberChecks } from "./members";

/**
 * An etcd cluster of its own, for whatever purpose: a member on each machine, TLS on both ports with client certificates
 * required. The members start together; one that lost its disk rejoins as a learner; one that left the list leaves the
 * cluster, be its machine powered off.
 */
export class EtcdCluster extends pulumi.ComponentResource {
    /** `https://address:2379` of every member, known when all of them are well. */
    public readonly endpoints: pulumi.Output<string[]>;
    /** The CA's certificate, PEM. */
    public readonly caCertificate: pulumi.Output<string>;
    /** A client's certificate and key, PEM. The key is a secret. The `up` that renews it renews the members' own too. */
    public readonly client: Certificate;

    constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:EtcdCluster", name, {}, opts);
        const { shape, settings, members: planned } = planEtcdCluster(args);
        const child = { parent: this };

        const { algorithm, caValidityHours: hours } = shape.certificates;
        const ca = authority(`${name}-ca`, "etcd-ca", { algorithm, hours }, child);
        const clusterId = clusterIdOf(ca);
        this.caCertificate = ca.certificate;
        this.client = clientCertificate(`${name}-client`, ca, shape.certificates, child, "client");

        const ssh = sshAccess(args.ssh);
        const contents = contentsOf(args.members, hostDefaults(memberDefaults(args)));
        const reach = new SshReach();
        const hosts = planned.map((host) => {
            const checks = pulumi
                .all([settings, host.settings])
                .apply(([all, itself]) => hostChecks(all, itself, args.packageSource));
            const rows = pulumi
                .all([settings, host.settings])
                .apply(([{ etcd }, itself]) => memberPeers(etcd.members, itself));
            const fileContents = contents[host.shape.name];
            return new Host(
                `${name}-${host.shape.name}`,
                { ...host, kind: "etcd", ssh, clusterId, ca, checks, peers: { rows, reach }, fileContents },
                child,
            );
        });
        reach.of(hosts);
        const preflight = resolvePreflight(args.preflight);
        const barrier = preflightBarrier(`${name}-checked`, { hosts, preflight }, child);
        const passwords = registryPasswords(args.sources);
        const context = { shape, settings, hosts, registryPasswords: passwords, ca, client: this.client, barrier };
        const members = new EtcdMembers(name, context, child);
        members.removeDeparted([]);

        const ended = pulumi.all(members.steps.map(({ node }) => node.id));
        this.endpoints = pulumi.all([settings, ended]).apply(([{ etcd }]) => etcdEndpoints(etcd.members));
        this.registerOutputs({ endpoints: this.endpoints, caCertificate: this.caCertificate });
    }
}

function hostChecks(
    { etcd, runtime, firewall, preflight }: EtcdHostsSettings,
    host: HostSettings,
    packageSource: string | undefined,
): PreflightChecks {
    const kubelet = etcd.runtime === EtcdRuntime.StaticPod;
    const { binaries } = runtime.sources;
    return {
        preflight,
        packageSource: packageSource ?? (kubelet ? programSource(runtime) : ""),
        ...(kubelet ? { kubernetesVersion: runtime.kubernetesVersion } : {}),
        staticBinaries: binaries !== undefined && kubelet,
        neededCommands: neededCommands(binaries, { kubelet }),
        osFamily: runtime.osFamily,
        proxy: httpProxyParameters(runtime),
        swapAllowed: runtime.kubeletConfiguration.failSwapOn === false,
        firewall: firewallChecks(firewall, host),
        sources: {
            rows: kubelet ? runtimeSources(runtime, host, [etcd.image]) : memberSources(etcd),
            authorities: authorityRows(runtime.sources.registries),
        },
        ...memberChecks(etcd),
    };
}
