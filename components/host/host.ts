import * as pulumi from "@pulumi/pulumi";
import { local, remote } from "@pulumi/command";
import { HostArgs, privateAddressOf } from "../model/hosts";
import { KubeProxyMode } from "../model/network";
import { OsFamily } from "../model/osFamily";
import { SshArgs } from "../model/ssh";
import { releaseOnDelete } from "./claim";
import { Connection, connectionTo, loginUser } from "./connection";
import { ScriptParameters } from "./contract";
import { onceEnded } from "./dependencies";
import { PhaseArgs, runPhase } from "./phase";
import { TOOLKIT, toolkitFolder } from "./toolkit";

/** Folder on a host with what this project knows of it. */
export const HOST_STATE = "/var/lib/pulumi-kubeadm";

/** What a node needs at least; kubeadm's preflight asks for the same. */
export const MINIMUM = {
    controlPlane: { memoryMiB: 1700, cpus: 2 },
    worker: { memoryMiB: 512, cpus: 1 },
    loadBalancer: { memoryMiB: 256, cpus: 1 },
    etcd: { memoryMiB: 512, cpus: 1 },
} as const;

export interface MachineArgs {
    host: HostArgs;
    ssh: SshArgs;
    /** Which minimum of memory and processors it must have. */
    kind: keyof typeof MINIMUM;
    /** TCP ports that must be free before it is taken. */
    ports: readonly number[];
    /** Whose machine it is: a digest of the cluster's CA. A host of another owner is never touched. */
    owner: pulumi.Input<string>;
    /** A package repository, or a file of `sources.binaries`, that must answer, and whose clock the host's is held against; empty for none. */
    packageSource: string;
    /** @default "debian" */
    osFamily?: OsFamily;
    /** How that repository is reached; see `proxyParameters`. @default directly */
    proxy?: ScriptParameters;
    /** @default false */
    swapAllowed?: boolean;
    /** The etcd it has or shall have, in a few words; a live host that has another is refused, since no data would go along. */
    etcdLayout?: string;
    /** Where its etcd keeps its data. @default no etcd of ours runs here */
    etcdData?: string;
    /** URLs that must answer, be it with a refusal. @default [] */
    mustReach?: string[];
    /** The endpoint of the cluster: a live host that knows another refuses, as its clients would be left behind. @default none is compared */
    endpoint?: { text: string; placement: string };
    /** Whether it gets its kubelet and what belongs to it as files. @default false */
    staticBinaries?: boolean;
    /** Commands that no package will bring, and who calls each. @default what is missing is installed */
    neededCommands?: Record<string, string>;
    /** What a live control plane node's version is held against; minors are taken one by one. @default nothing is compared */
    kubernetesVersion?: string;
    /** kube-proxy's mode, for what it asks of the kernel. @default none: no node */
    kubeProxy?: KubeProxyMode;
    /** Whether the kernel must have dummy interfaces (NodeLocal DNSCache). @default false */
    dummyInterface?: boolean;
    /** What is looked at of its firewall; see `firewallChecks`. @default nothing */
    firewall?: ScriptParameters;
    /** A node's address of the other family, which it must have. @default none */
    secondaryAddress?: string;
    /** The families of which it must have a default route. @default [] */
    defaultRoutes?: (4 | 6)[];
}

/** What preflight read of a host. */
export interface HostFacts {
    machineId: string;
    hostname: string;
    architecture: string;
    /** The firewall that is active there, and the networks that it takes for the nodes' (CIDR, with blanks between). */
    firewall?: string;
    nodeNetworks?: string;
    /** An etcd member ran there already. */
    etcdRan?: boolean;
}

/** The scripts' name for a host of each kind (`ROLE`). */
const ROLES: Record<keyof typeof MINIMUM, string> = {
    controlPlane: "control-plane",
    worker: "worker",
    loadBalancer: "load-balancer",
    etcd: "etcd",
};

/**
 * One host, reached over SSH: the scripts it runs, the preflight that reads its facts and changes nothing, and its
 * release (`reset`, when it leaves the program). A new `hostKey` or `address` is a new machine: everything runs again on it.
 */
export class Machine extends pulumi.ComponentResource {
    /** The facts, known once the preflight has passed. */
    public readonly facts: pulumi.Output<HostFacts | undefined>;
    /** Its end is where the barrier before the first change stands. */
    public readonly preflight: remote.Command;
    /** The facts, or nothing of a host that SSH does not reach. A preflight that found a fault is a failure all the same. */
    public readonly factsIfReached: pulumi.Output<HostFacts | undefined>;
    public readonly host: HostArgs;
    /** Makes the host's claim, and releases the host when it leaves the program. */
    public readonly release: local.Command;
    /** What it is or becomes. */
    public readonly kind: MachineArgs["kind"];
    /** How it is reached. */
    public readonly login: { connection: Connection; user: string };

    constructor(name: string, args: MachineArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:Machine", name, {}, opts);
        this.host = args.host;
        this.kind = args.kind;
        this.login = { connection: connectionTo(args.host, args.ssh), user: loginUser(args.host, args.ssh) };

        const toolkit = this.copyToolkit(name, args.host);
        this.preflight = this.run(`${name}-preflight`, "preflight", preflightParameters(args), {
            parent: this,
            dependsOn: toolkit,
        });
        this.release = releaseOnDelete(
            `${name}-reset`,
            args.host,
            args.ssh,
            { owner: args.owner, role: ROLES[args.kind] },
            { parent: this, dependsOn: this.preflight },
        );
        this.facts = this.preflight.stdout.apply(parseFacts);
        this.factsIfReached = onceEnded(toolkit, this.facts, undefined);
        this.registerOutputs({ facts: this.facts });
    }

    /** What its first change waits for: its own preflight, and all others' where there is a barrier. */
    public passed(barrier: pulumi.Resource | undefined): pulumi.Resource[] {
        return barrier ? [this.preflight, barrier] : [this.preflight];
    }

    /** Stages the host's desired state, its claim with it, and brings all that needs no other host. */
    public prepare(name: string, desired: pulumi.Input<ScriptParameters>, opts: pulumi.CustomResourceOptions) {
        const parameters = pulumi
            .all([desired, this.release.stdout])
            .apply(([state, claim]): ScriptParameters => ({ ...state, CLAIM: claim }));
        return this.run(name, "prepare", parameters, opts);
    }

    /** Runs a phase here. */
    public run(
        name: string,
        phase: string,
        parameters: PhaseArgs["parameters"],
        opts: pulumi.CustomResourceOptions,
    ): remote.Command {
        return runPhase(name, { ...this.login, phase, parameters }, opts);
    }

    // An update of CopyToRemote looks at the files alone, so a new machine behind the same name needs the trigger. A
    // copy has no delete, hence its replacement takes nothing away.
    private copyToolkit(name: string, host: HostArgs): remote.CopyToRemote {
        return new remote.CopyToRemote(
            `${name}-toolkit`,
            {
                connection: this.login.connection,
                source: new pulumi.asset.FileArchive(toolkitFolder()),
                remotePath: TOOLKIT,
                triggers: [host.address, host.hostKey ?? ""],
            },
            { parent: this },
        );
    }
}

// Under --continue-on-error a preflight that failed has no output, and the engine skips all that depends on it.
const parseFacts = (stdout: string | undefined): HostFacts | undefined =>
    stdout === undefined ? undefined : (JSON.parse(stdout) as HostFacts);

const preflightParameters = (args: MachineArgs): PhaseArgs["parameters"] =>
    pulumi.output(args.owner).apply((owner) => ({
        NODE_NAME: args.host.name,
        ROLE: ROLES[args.kind],
        NODE_ADDRESS: privateAddressOf(args.host),
        SECONDARY_ADDRESS: args.secondaryAddress ?? "",
        DEFAULT_ROUTES: (args.defaultRoutes ?? []).map((family) => `-${family}`).join(" "),
        CLUSTER_ID: owner,
        PORTS: args.ports.join(" "),
        MINIMUM_MEMORY_MIB: MINIMUM[args.kind].memoryMiB,
        MINIMUM_CPUS: MINIMUM[args.kind].cpus,
        SWAP_ALLOWED: args.swapAllowed ?? false,
        PACKAGE_SOURCE: args.packageSource,
        ...(args.endpoint ? { ENDPOINT: args.endpoint.text, ENDPOINT_PLACEMENT: args.endpoint.placement } : {}),
        ...(args.kubernetesVersion ? { KUBERNETES_VERSION: args.kubernetesVersion } : {}),
        ...args.proxy,
        ...args.firewall,
        OS_FAMILY: args.osFamily ?? OsFamily.Debian,
        ETCD_LAYOUT: args.etcdLayout ?? "",
        ...(args.etcdData ? { ETCD_DATA: args.etcdData } : {}),
        MUST_REACH: (args.mustReach ?? []).join(" "),
        KUBE_PROXY: args.kubeProxy ?? KubeProxyMode.None,
        ...(args.dummyInterface ? { DUMMY_INTERFACE: true } : {}),
        ...(args.neededCommands ? programParameters(args.neededCommands, args.staticBinaries ?? false) : {}),
    }));

const programParameters = (commands: Record<string, string>, staticBinaries: boolean): ScriptParameters => ({
    HOST_PACKAGES: false,
    STATIC_BINARIES: staticBinaries,
    NEEDED_COMMANDS: Object.entries(commands)
        .map(([command, caller]) => `${command} ${caller}`)
        .join("\n"),
});
