import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { Connection } from "./connection";
import { Head, ScriptParameters, stepInput } from "./contract";
import { TOOLKIT, toolkitDigest } from "./toolkit";

/** One step of a host: a phase of the scripts that runs there. */
export type Step = remote.Command;

export interface PhaseArgs {
    connection: pulumi.Input<Connection>;
    user: pulumi.Input<string>;
    /** The script in scripts/phases. */
    phase: string;
    head: pulumi.Input<Head>;
    parameters: pulumi.Input<ScriptParameters>;
}

/**
 * One phase on one host. The command line is constant and every parameter goes in on standard input: on a failure the
 * provider prints the command whole, and `ps` shows it to anyone on the host.
 */
export function runPhase(name: string, args: PhaseArgs, opts: pulumi.CustomResourceOptions): Step {
    const run = pulumi.output(args.user).apply((user) => `${shellOf(user)} ${TOOLKIT}/run.sh ${args.phase}`);
    return new remote.Command(
        name,
        {
            connection: args.connection,
            create: pulumi.interpolate`${run} create`,
            update: pulumi.interpolate`${run} update`,
            stdin: pulumi
                .all([args.head, args.parameters])
                .apply(([head, parameters]) => stepInput({ ...head, TOOLKIT: toolkitDigest }, parameters)),
            logging: "stderr",
            addPreviousOutputInEnv: false,
        },
        opts,
    );
}

export const shellOf = (user: string): string => (user === "root" ? "bash" : "sudo -n bash");
