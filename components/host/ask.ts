import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { HostSettings } from "../model/hosts";
import { ScriptParameters, preamble, stepInput } from "./contract";
import { whenSettled } from "./dependencies";
import { accessParameters, dialParameters, localProgram, localScript } from "./dial";
import { OUTPUT_MARK, markedCommand, phaseInput, sudoPassword } from "./entry";
import { Host } from "./host";
import { Table, ValuesOf, number, text } from "./parameters";

export const ASK = localScript("ask");

/** The parameters of scripts/local/ask.sh, beside the key and, in HOST_1, HOST_2 and so on, those of dial.sh for each host. */
export const QUESTIONS = {
    HOSTS: number("The number of hosts."),
    MARK: text("The line before each answer."),
    QUESTION: text("What is unknown without an answer, for the error."),
} satisfies Table;
const LIMIT_SECONDS = 60;

export interface QuestionArgs {
    /** At least one, all reached with the same key and bastion. */
    hosts: Host[];
    /** A phase that changes nothing and prints one value as JSON. */
    phase: string;
    parameters: (host: HostSettings) => ScriptParameters;
    /** The end of the error for a host that does not answer: "so it is unknown whether …". */
    unknown: string;
}

/**
 * Asks hosts when the resource is created, and never again: the answers are a record. It fails when a host does not answer.
 * Hosts that this program has not reached yet are left out.
 *
 * A local command, because a remote one has a resource for each host, and some of them could be older than the record.
 */
export function askHosts<Answer>(
    name: string,
    { hosts, phase, parameters, unknown }: QuestionArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<Answer[]> {
    const inputOf = (host: Host) =>
        pulumi.all([host.ssh, host.settings, host.identity]).apply(([access, settings, identity]) => {
            const sent = stepInput(identity, parameters(settings));
            const command = {
                run: markedCommand(settings.user, phase, "create"),
                stdin: phaseInput(settings.user, sudoPassword(settings, access), sent),
                limitSeconds: LIMIT_SECONDS,
            };
            return preamble(dialParameters(settings, command));
        });
    const inputs = hosts.map((host) => whenSettled(host.claim, { ok: inputOf(host), failed: undefined }));
    const [{ ssh }] = hosts;
    const input = pulumi.all([ssh, pulumi.all(inputs)]).apply(([access, all]) => {
        const reached = all.filter((text) => text !== undefined);
        const numbered = Object.fromEntries(reached.map((text, i) => [`HOST_${i + 1}`, text]));
        const question: ValuesOf<typeof QUESTIONS> = { HOSTS: reached.length, MARK: OUTPUT_MARK, QUESTION: unknown };
        return preamble({ ...accessParameters(access), ...numbered, ...question });
    });
    const question = localProgram(ASK, input);
    const command = new local.Command(
        name,
        { ...question.inputs, create: question.run },
        { ...opts, ignoreChanges: ["create", "environment", "stdin"] },
    );
    // Under --continue-on-error a command that failed has no output.
    return command.stdout.apply((text: string | undefined) => JSON.parse(text ?? "[]") as Answer[]);
}
