import * as pulumi from "@pulumi/pulumi";
import { local, remote } from "@pulumi/command";
import { Authority } from "../lib/certificates";
import { tellFailuresInOneLine } from "../lib/failures";
import { FileContents } from "../model/hostSetup";
import { HostSettings, HostShape } from "../model/hosts";
import { SshAccess } from "../model/ssh";
import { claimHost } from "./claim";
import { connectionTo } from "./connection";
import { copyScripts } from "./copy";
import { Head, Identity } from "./contract";
import { sudoPassword } from "./entry";
import { ValuesOf } from "./parameters";
import { Dependencies, unlessFailed, whenSettled } from "./dependencies";
import { PhaseArgs, Step, StepLogin, outputOf, runPhase } from "./phase";
import { HostFacts, parseFacts } from "./facts";
import { SshReach, reachedPeers } from "./peers";
import { HostKind, PREFLIGHT, PreflightChecks, preflightParameters, roleOf } from "./preflight";

/** Folder on a host with what this project knows of it. */
export const HOST_STATE = "/var/lib/pulumi-kubeadm";

export interface HostOptions {
    shape: HostShape;
    settings: pulumi.Input<HostSettings>;
    kind: HostKind;
    /** The way to the host. */
    ssh: pulumi.Input<SshAccess>;
    /** See `ClusterPki.clusterId`. A host of another cluster is never changed. */
    clusterId: pulumi.Input<string>;
    /** A host whose clock is before the CA's validity would refuse every certificate. The digests of passwords are made with its key. */
    ca: Authority;
    /** See `ClusterPki.keyDigests`. A live host that has other keys is never changed. @default {} */
    keyDigests?: pulumi.Input<Record<string, string>>;
    checks: pulumi.Input<PreflightChecks>;
    /** The hosts that it must reach, `name address port…`, and which of them SSH reaches. @otherwise no check */
    peers?: { rows: pulumi.Input<string[]>; reach: SshReach };
    /** What SSH calls the host again for; see CALLED_FOR in host/copy.ts. @otherwise its peers */
    calledFor?: string[];
    /** The contents of `settings.setup.files`, by path. @default {} */
    fileContents?: FileContents;
}

export interface HostPhaseArgs extends Pick<PhaseArgs, "phase" | "parameters"> {
    /** Further fields of the step's head, beside the host's identity. */
    head?: { [Key in keyof Head]?: pulumi.Input<Head[Key]> };
}

/**
 * One host, reached over SSH: its copy of the scripts, the preflight that reads its facts and changes nothing, and its
 * claim, whose delete releases the host when it leaves the program. A new `hostKey` or `address` is a new machine: everything runs again on it.
 */
export class Host {
    /** The settings of this host that are plain values. */
    public readonly shape: HostShape;
    public readonly settings: pulumi.Output<HostSettings>;
    /** The kind of host that it is or becomes. */
    public readonly kind: HostKind;
    public readonly login: StepLogin;
    /** The way to the host. */
    public readonly ssh: pulumi.Output<SshAccess>;
    /** The key of the CA, for the digests of passwords. */
    public readonly digestKey: pulumi.Output<string>;
    public readonly fileContents: FileContents;
    /** The identity, with the claim, that every step after the preflight sends. */
    public readonly identity: pulumi.Output<Identity>;
    /** The copy of the scripts. It fails where SSH does not reach the host. */
    public readonly toolkit: local.Command;
    /** The barrier before the first change waits for it. */
    public readonly preflight: remote.Command;
    /** The facts, known once the preflight has passed. */
    public readonly facts: pulumi.Output<HostFacts | undefined>;
    /** The facts, or undefined for a host that SSH does not reach. A preflight that found a fault still fails. */
    public readonly factsIfReached: pulumi.Output<HostFacts | undefined>;
    /** Empty where the preflight passed, and where SSH does not reach the host: what depends on a preflight that found a fault is skipped. */
    public readonly unlessFaulty: Dependencies;
    /** Its output is the host's claim. Its delete releases the host, when the host leaves the program. */
    public readonly claim: local.Command;

    constructor(
        name: string,
        {
            shape,
            settings,
            kind,
            ssh,
            clusterId,
            ca,
            keyDigests = {},
            checks,
            peers,
            calledFor,
            fileContents = {},
        }: HostOptions,
        opts: pulumi.ResourceOptions,
    ) {
        tellFailuresInOneLine();
        this.shape = shape;
        this.settings = pulumi.output(settings);
        this.kind = kind;
        this.ssh = pulumi.secret(ssh);
        this.digestKey = ca.privateKey;
        this.fileContents = fileContents;
        this.login = {
            connection: connectionTo(this.settings, this.ssh),
            user: shape.user,
            sudoPassword: shape.sudoAsks ? this.ssh.apply((access) => sudoPassword(shape, access)) : undefined,
        };

        this.toolkit = copyScripts(
            `${name}-toolkit`,
            { host: this.settings, ssh: this.ssh, calledFor: calledFor ?? peers?.rows },
            opts,
        );
        const identity = pulumi.all([clusterId, this.settings]).apply(([id, host]): Identity => ({
            CLUSTER_ID: id,
            NODE_NAME: host.name,
            NODE_ADDRESS: host.privateAddress,
            ROLE: roleOf(kind),
        }));
        const parameters = pulumi
            .all([this.settings, checks, ca.validFrom, keyDigests, peers && reachedPeers(peers.rows, peers.reach)])
            .apply(([host, checked, time, keys, reached]): ValuesOf<typeof PREFLIGHT> => ({
                ...preflightParameters(kind, host, checked),
                CA_VALID_FROM: time,
                KEY_DIGESTS: Object.entries(keys).map(([file, digest]) => `${file} ${digest}`),
                PEERS: reached,
            }));
        this.preflight = runPhase(
            `${name}-preflight`,
            { ...this.login, phase: "preflight", head: identity, parameters },
            { ...opts, dependsOn: this.toolkit },
        );
        this.claim = claimHost(
            `${name}-claim`,
            { host: this.settings, onRemoval: shape.onRemoval, ssh: this.ssh, identity },
            { ...opts, dependsOn: this.preflight },
        );
        this.identity = pulumi
            .all([identity, this.claim.stdout])
            .apply(([host, claim]): Identity => ({ ...host, CLAIM: claim }));
        this.facts = outputOf(this.preflight).apply(parseFacts);
        this.factsIfReached = whenSettled(this.toolkit, { ok: this.facts, failed: undefined });
        this.unlessFaulty = whenSettled(this.toolkit, { ok: unlessFailed([this.preflight]), failed: [] });
    }

    /** Dependencies of the host's first change: its own preflight, and the barrier where there is one. */
    public preflightDependencies(barrier: pulumi.Resource | undefined): pulumi.Resource[] {
        return barrier ? [this.preflight, barrier] : [this.preflight];
    }

    /** Runs a phase of the scripts on this host. */
    public run(name: string, args: HostPhaseArgs, opts: pulumi.CustomResourceOptions): Step {
        const head = pulumi
            .all([this.identity, args.head ?? {}])
            .apply(([identity, more]): Head => ({ ...identity, ...more }));
        return runPhase(name, { ...this.login, ...args, head }, opts);
    }
}
