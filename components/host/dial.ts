import * as pulumi from "@pulumi/pulumi";
import { HostSettings } from "../model/hosts";
import { DIAL } from "./connection";
import { ScriptParameters } from "./contract";
import { scriptText } from "./toolkit";

/**
 * The inputs of a local command that runs a program: the provider prints a command that failed, whole, so the program is in the
 * environment. Its parameters are secrets and come on standard input.
 */
export const localProgram = (program: string, parameters: pulumi.Input<string>) => ({
    run: 'eval "$(cat)"',
    inputs: {
        environment: { PROGRAM: program },
        stdin: pulumi.secret(pulumi.interpolate`${parameters}eval "$PROGRAM"`),
        logging: "stderr" as const,
    },
});

/** The update of a local command whose output stays what it was. */
export const KEEP_OUTPUT = `printf %s "$PULUMI_COMMAND_STDOUT"`;

/** A script that runs on the operator's machine, without its comments and indentation: Pulumi keeps the text in the state of every host. */
export const localScript = (name: string): string =>
    [scriptText("local/dial.sh"), scriptText(`local/${name}.sh`)]
        .join("")
        .replace(/^ *(#.*)?\n/gm, "")
        .replace(/^ +/gm, "");

/** A command on a host, its standard input, and the seconds in which it must end. */
export interface DialedCommand {
    run: string;
    stdin: string;
    limitSeconds: number;
}

/** The parameters of scripts/local/dial.sh, but for the key. */
export const dialParameters = (host: HostSettings, { run, stdin, limitSeconds }: DialedCommand): ScriptParameters => ({
    KNOWN_HOST: host.hostKey ? `host ${host.hostKey}` : "",
    STRICT: host.hostKey ? "yes" : "no",
    PORT: host.port,
    LOGIN: host.user,
    ADDRESS: host.address,
    CONNECT_TIMEOUT: DIAL.timeoutSeconds,
    LIMIT: limitSeconds,
    RUN: run,
    STDIN: stdin,
});

/** The operator's key (PEM) for scripts/local/dial.sh. */
export const dialKey = (sshPrivateKey: string): ScriptParameters => ({ KEY: sshPrivateKey.trimEnd() });
