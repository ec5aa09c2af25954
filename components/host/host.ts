import * as pulumi from "@pulumi/pulumi";
import { local, remote } from "@pulumi/command";
import { HostSettings } from "../model/hosts";
import { claimHost } from "./claim";
import { Connection, connectionTo } from "./connection";
import { ScriptParameters } from "./contract";
import { whenSettled } from "./dependencies";
import { PhaseArgs, runPhase } from "./phase";
import { HostFacts, HostKind, PreflightChecks, parseFacts, preflightParameters, roleOf } from "./preflight";
import { TOOLKIT, toolkitFolder } from "./toolkit";

/** Folder on a host with what this project knows of it. */
export const HOST_STATE = "/var/lib/pulumi-kubeadm";

export interface HostOptions {
    host: HostSettings;
    /** The operator's key, PEM. */
    sshPrivateKey: pulumi.Input<string>;
    /** See `ClusterPki.clusterId`. A host of another cluster is never changed. */
    clusterId: pulumi.Input<string>;
    checks: PreflightChecks;
}

/**
 * One host, reached over SSH: its copy of the scripts, the preflight that reads its facts and changes nothing, and its
 * claim, whose delete releases the host when it leaves the program. A new `hostKey` or `address` is a new machine: everything runs again on it.
 */
export class Host {
    public readonly settings: HostSettings;
    /** The kind of host that it is or becomes. */
    public readonly kind: HostKind;
    /** The connection and the user of every remote command. */
    public readonly login: { connection: Connection; user: string };
    /** The barrier before the first change waits for it. */
    public readonly preflight: remote.Command;
    /** The facts, known once the preflight has passed. */
    public readonly facts: pulumi.Output<HostFacts | undefined>;
    /** The facts, or undefined for a host that SSH does not reach. A preflight that found a fault still fails. */
    public readonly factsIfReached: pulumi.Output<HostFacts | undefined>;
    /** Its output is the host's claim. Its delete releases the host, when the host leaves the program. */
    public readonly claim: local.Command;

    constructor(name: string, { host, sshPrivateKey, clusterId, checks }: HostOptions, opts: pulumi.ResourceOptions) {
        this.settings = host;
        this.kind = checks.kind;
        this.login = { connection: connectionTo(host, sshPrivateKey), user: host.user };

        const toolkit = this.copyToolkit(name, opts);
        this.preflight = this.run(`${name}-preflight`, "preflight", preflightParameters(host, clusterId, checks), {
            ...opts,
            dependsOn: toolkit,
        });
        this.claim = claimHost(
            `${name}-claim`,
            { host, sshPrivateKey, clusterId, role: roleOf(checks.kind) },
            { ...opts, dependsOn: this.preflight },
        );
        this.facts = this.preflight.stdout.apply(parseFacts);
        this.factsIfReached = whenSettled(toolkit, { ok: this.facts, failed: undefined });
    }

    /** Dependencies of the host's first change: its own preflight, and the barrier where there is one. */
    public preflightDependencies(barrier: pulumi.Resource | undefined): pulumi.Resource[] {
        return barrier ? [this.preflight, barrier] : [this.preflight];
    }

    /** Stages the host's desired state and its claim, and brings packages and images. */
    public prepare(name: string, desired: pulumi.Input<ScriptParameters>, opts: pulumi.CustomResourceOptions) {
        const parameters = pulumi
            .all([desired, this.claim.stdout])
            .apply(([state, claim]): ScriptParameters => ({ ...state, CLAIM: claim }));
        return this.run(name, "prepare", parameters, opts);
    }

    /** Runs a phase of the scripts on this host. */
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
    private copyToolkit(name: string, opts: pulumi.ResourceOptions): remote.CopyToRemote {
        const { address, hostKey = "" } = this.settings;
        return new remote.CopyToRemote(
            `${name}-toolkit`,
            {
                connection: this.login.connection,
                source: new pulumi.asset.FileArchive(toolkitFolder()),
                remotePath: TOOLKIT,
                triggers: [address, hostKey],
            },
            opts,
        );
    }
}
