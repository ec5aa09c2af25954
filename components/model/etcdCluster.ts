import { isIP } from "net";
import { parseSubnet } from "../lib/addresses";
import { Fault, fault, oneOf, throwIfAny } from "../lib/faults";
import { CertificateArgs, CertificateSettings, certificateFaults, resolveCertificates } from "./certificates";
import { EtcdMemberSettings, EtcdRuntime, majority } from "./etcd";
import { EtcdCertificateArgs, etcdCertificateFaults, resolveEtcdCertificates } from "./etcdCertificates";
import { EtcdOptionsArgs, etcdOptionFaults, resolveEtcdOptions } from "./etcdOptions";
import { FirewallArgs, FirewallSettings, firewallOptionFaults, resolveFirewall } from "./firewall";
import { HostSetupArgs, setupFaults } from "./hostSetup";
import {
    HostArgs,
    HostDefaultsArgs,
    KnownHostArgs,
    OnRemoval,
    hostDefaults,
    resolveHost,
    validateHost,
    validateUnique,
    withPaths,
} from "./hosts";
import { OsFamily } from "./osFamily";
import { PreflightArgs, PreflightSettings, preflightFaults, resolvePreflight } from "./preflightChecks";
import { RuntimeSettings, RuntimeShape, etcdProgram, resolvePlatform, resolveRuntime } from "./runtime";
import { SourcesArgs, binarySourceFaults, etcdSourceFaults } from "./sources";
import { SshArgs, sshFaults } from "./ssh";

export interface EtcdClusterArgs extends EtcdOptionsArgs, EtcdCertificateArgs {
    ssh: SshArgs;
    /** One, three, five or seven machines. One that lost its disk (a new `hostKey`) is replaced in the cluster; one that is taken out of the list leaves it. */
    members: HostArgs[];
    /** Cannot be changed on a live member. @default "systemd" */
    runtime?: EtcdRuntime;
    /** The operating system of the hosts; preflight checks it. @otherwise "debian" (Ubuntu too) */
    osFamily?: OsFamily;
    /** What happens to a host that leaves the program, and to all with `pulumi destroy`; see `ClusterArgs.onRemoval`. @default "release" */
    onRemoval?: OnRemoval;
    /** Where etcd comes from (`sources.etcd`); for static pods also the kubelet, containerd and the image. */
    sources?: SourcesArgs;
    /** A package repository that preflight asks, and holds the clock against. @otherwise none; for static pods `sources.kubernetes` */
    packageSource?: string;
    /** The kubelet's version, for static pods; also names the etcd that goes with it. @default "1.36.3" */
    kubernetesVersion?: string;
    /** Fields of the kubelet's configuration, for static pods; `cgroupDriver` sets containerd's too. */
    kubeletConfiguration?: Record<string, unknown>;
    /** containerd's setting of that name, for static pods. @default false */
    restrictOomScoreAdj?: boolean;
    /** Files, packages, kernel settings and names of every member's host; a single member has the same options. */
    hostSetup?: HostSetupArgs;
    /** The checks of every member's host before any host is changed. */
    preflight?: PreflightArgs;
    /** The hosts' own firewalls; `nodePorts` has no meaning here. */
    firewall?: FirewallArgs;
    /** How the members' and the client's keys and certificates are made. */
    pki?: CertificateArgs;
    /** Addresses or networks of etcd's clients, which the hosts' firewalls let in. @otherwise anyone: a client certificate is asked for */
    clients?: string[];
}

/** The arguments with every value known. */
export type KnownEtcdClusterArgs = Omit<EtcdClusterArgs, "members"> & { members: KnownHostArgs[] };

/** The settings of hosts that run etcd alone. */
export interface EtcdHostsSettings {
    etcd: EtcdMemberSettings;
    runtime: RuntimeSettings;
    certificates: CertificateSettings;
    firewall: FirewallSettings;
    preflight: PreflightSettings;
    /** Addresses or networks of etcd's clients. */
    clients: string[] | "any";
}

/** The settings that are known at once. */
export interface EtcdHostsShape {
    etcd: Omit<EtcdMemberSettings, "members">;
    runtime: RuntimeShape;
    certificates: CertificateSettings;
}

/** The values of the arguments that hold for each member unless it has its own. */
export const memberDefaults = ({
    ssh,
    onRemoval,
    hostSetup,
}: KnownEtcdClusterArgs | EtcdClusterArgs): HostDefaultsArgs => ({
    ssh,
    onRemoval,
    hostSetup: { all: hostSetup },
});

export function resolveEtcdCluster(args: KnownEtcdClusterArgs): EtcdHostsSettings {
    const runtime = resolveRuntime(args);
    return {
        etcd: {
            members: args.members.map((host) => resolveHost(host, hostDefaults(memberDefaults(args)))),
            runtime: args.runtime ?? EtcdRuntime.Systemd,
            options: resolveEtcdOptions(args),
            certificateNames: resolveEtcdCertificates(args),
            ...etcdProgram(runtime),
        },
        runtime,
        certificates: resolveCertificates(args.pki),
        firewall: resolveFirewall(args.firewall),
        preflight: resolvePreflight(args.preflight),
        clients: args.clients ?? "any",
    };
}

/** Throws one InputPropertiesError with every fault of the arguments. */
export const validateEtcdCluster = (args: KnownEtcdClusterArgs): void =>
    throwIfAny("the etcd cluster's configuration", etcdClusterFaults(args));

export function etcdClusterFaults(args: KnownEtcdClusterArgs): Fault[] {
    const members = withPaths("members", args.members ?? []);
    return [
        ...majority("members", members.length, "members"),
        ...members.flatMap(({ path, host }) => validateHost(path, host, args.ssh)),
        ...validateUnique(members, args.ssh),
        ...sshFaults(args.ssh),
        ...(args.hostSetup ? setupFaults("hostSetup", args.hostSetup) : []),
        ...oneOf("runtime", args.runtime, EtcdRuntime),
        ...oneOf("onRemoval", args.onRemoval, OnRemoval),
        ...firewallOptionFaults(args.firewall ?? {}),
        ...preflightFaults(args.preflight),
        ...(args.clients ?? []).flatMap((client, i) =>
            isIP(client) || parseSubnet(client)
                ? []
                : [fault(`clients[${i}]`, client, "an address, or a network in CIDR form")],
        ),
        ...etcdOptionFaults("", args),
        ...certificateFaults("pki", args.pki),
        ...etcdCertificateFaults("", args),
        ...etcdSourceFaults(args.sources?.etcd),
        ...binarySourceFaults(args.sources ?? {}, resolvePlatform(args).kubernetesVersion),
    ];
}
