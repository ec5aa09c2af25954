import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { allPassed } from "../host/barrier";
import { neededCommands } from "../host/binaries";
import { firewallChecks } from "../host/firewall";
import { Machine } from "../host/host";
import { programSource, proxyParameters } from "../host/runtime";
import { CA_VALIDITY_HOURS, Certificate, authority, ownerId } from "../lib/certificates";
import { EtcdRuntime, etcdEndpoints } from "../model/etcd";
import { validateEtcdCluster } from "../model/etcdCluster";
import { EtcdOptionsArgs } from "../model/etcdOptions";
import { FirewallArgs, resolveFirewall } from "../model/firewall";
import { HostArgs } from "../model/hosts";
import { OsFamily } from "../model/osFamily";
import { resolveKubelet } from "../model/runtime";
import { SourcesArgs } from "../model/sources";
import { SshArgs } from "../model/ssh";
import { clientCertificate } from "./certificates";
import { Member, etcdMachine, memberSettings, rollOut, startMembers } from "./members";

export interface EtcdClusterArgs extends EtcdOptionsArgs {
    ssh: SshArgs;
    /** One, three, five or seven machines. One that lost its disk (a new `hostKey`) is replaced in the cluster; one that is taken out of the list leaves it. */
    members: HostArgs[];
    /** Cannot be changed on a live member. @default "systemd" */
    runtime?: EtcdRuntime;
    /** What the hosts run; preflight compares. @default "debian" (Ubuntu too) */
    osFamily?: OsFamily;
    /** Where etcd comes from (`sources.etcd`); for static pods also the kubelet, containerd and the image. */
    sources?: SourcesArgs;
    /** A package repository that preflight asks, and holds the clock against. @default none; for static pods `sources.kubernetes` */
    packageSource?: string;
    /** The kubelet's version, for static pods; also names the etcd that goes with it. @default "1.36.3" */
    kubernetesVersion?: string;
    /** Fields of the kubelet's configuration, for static pods; `cgroupDriver` sets containerd's too. */
    kubeletConfiguration?: Record<string, unknown>;
    /** containerd's setting of that name, for static pods. @default false */
    restrictOomScoreAdj?: boolean;
    /** The hosts' own firewalls; `nodePorts` has no meaning here. */
    firewall?: FirewallArgs;
    /** Addresses or networks of etcd's clients, which the hosts' firewalls let in. @default anyone: a client certificate is asked for */
    clients?: string[];
    /** Set by `Cluster`, whose part it then is. */
    within?: EtcdWithinArgs;
}

/** What an etcd cluster that is part of a Kubernetes cluster shares with it. */
export interface EtcdWithinArgs {
    ca: Certificate;
    /** Whose machines they are; see `Machine`. */
    owner: pulumi.Input<string>;
    /** The machines of `members`, in their order. Left out when they are control plane nodes, which carry the members (`memberParameters`) with their own state. */
    machines?: Machine[];
    /** What must have ended before the first of these machines is changed. */
    barrier: pulumi.Resource;
}

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
    /** End when the members serve. */
    public readonly started: remote.Command[];
    /** End when every member is as the program says. */
    public readonly changed: remote.Command[];
    private readonly survivor: Member | undefined;
    private readonly name: string;

    constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:EtcdCluster", name, {}, opts);
        validateEtcdCluster(args);
        const child = { parent: this };
        const ca = args.within?.ca ?? authority(`${name}-ca`, "etcd-ca", CA_VALIDITY_HOURS, child);
        this.caCertificate = ca.certificate;
        this.client = clientCertificate(`${name}-client`, ca, child, args.within ? undefined : "client");

        const { owner, machines, barrier } = args.within ?? standAlone(name, args, ca, child);
        const context = { name, args, ca, owner, barrier, client: this.client, child };
        const members = machines ? startMembers(context, machines) : [];
        this.started = members.map((member) => member.bootstrap);
        this.changed = rollOut(context, members);
        this.endpoints = pulumi.all(this.changed.map(({ id }) => id)).apply(() => etcdEndpoints(args.members));
        [this.survivor] = members;
        this.name = name;
        if (!args.within) this.removeDeparted([]);
        this.registerOutputs({ endpoints: this.endpoints, caCertificate: this.caCertificate });
    }

    /** Who is a member and not in the list is taken out, by the first of those who stay, once its clients know of it. */
    public removeDeparted(clients: pulumi.Resource[]): void {
        if (!this.survivor) return;
        const { machine, host, names } = this.survivor;
        machine.run(
            `${this.name}-members`,
            "etcd-members",
            { NODE_NAME: host.name, MEMBERS: names.join(" ") },
            // All have started by then, so that nobody who is still to come is missed.
            { parent: this, dependsOn: [...this.started, ...this.changed, ...clients] },
        );
    }
}

/** Machines, owner and barrier of its own. */
function standAlone(
    name: string,
    args: EtcdClusterArgs,
    ca: Certificate,
    child: { parent: pulumi.Resource },
): Required<EtcdWithinArgs> {
    const owner = ownerId(ca);
    const settings = resolveKubelet(args);
    const kubelet = args.runtime === EtcdRuntime.StaticPod;
    const { binaries } = settings.sources;
    const machines = args.members.map(
        (host) =>
            new Machine(
                `${name}-${host.name}`,
                {
                    ...{ host, owner, ssh: args.ssh },
                    packageSource: args.packageSource ?? (kubelet ? programSource(settings) : ""),
                    staticBinaries: binaries !== undefined && kubelet,
                    neededCommands: neededCommands(binaries, { kubelet }),
                    osFamily: settings.osFamily,
                    proxy: proxyParameters(settings),
                    swapAllowed: settings.kubeletConfiguration.failSwapOn === false,
                    firewall: firewallChecks(resolveFirewall(args.firewall), host),
                    ...etcdMachine(memberSettings(args, settings)),
                },
                child,
            ),
    );
    return { ca, owner, machines, barrier: allPassed(`${name}-checked`, machines, child) };
}
