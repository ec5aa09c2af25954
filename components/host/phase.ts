import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { Connection } from "./connection";
import { Head, ScriptParameters, stepInput } from "./contract";
import { afterMark, markedCommand, phaseInput } from "./entry";
import { toolkitDigest } from "./toolkit";

/** One step of a host: a phase of the scripts that runs there. */
export type Step = remote.Command;

/** What a step printed; nothing where it has failed, under `--continue-on-error`. */
export const outputOf = (step: Step): pulumi.Output<string> =>
    step.stdout.apply((text: string | undefined) => afterMark(text ?? ""));

/** How a step reaches its host and becomes root there. */
export interface StepLogin {
    connection: pulumi.Input<Connection>;
    user: pulumi.Input<string>;
    /** The password for which sudo may ask. The whole input of the step is then a secret. @otherwise sudo must not ask */
    sudoPassword?: pulumi.Input<string | undefined>;
}

export interface PhaseArgs extends StepLogin {
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
    const command = (action: string) =>
        pulumi.output(args.user).apply((user) => markedCommand(user, args.phase, action));
    return new remote.Command(
        name,
        {
            connection: args.connection,
            create: command("create"),
            update: command("update"),
            stdin: pulumi
                .all([args.user, args.sudoPassword, args.head, args.parameters])
                .apply(([user, password, head, parameters]) =>
                    phaseInput(user, password, stepInput({ ...head, TOOLKIT: toolkitDigest }, parameters)),
                ),
            logging: "stderr",
            addPreviousOutputInEnv: false,
        },
        opts,
    );
}
