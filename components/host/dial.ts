import * as pulumi from "@pulumi/pulumi";
import { Bastion } from "../model/bastion";
import { HostSettings } from "../model/hosts";
import { SshAccess } from "../model/ssh";
import { DIAL } from "./connection";
import { Table, ValuesOf, number, text } from "./parameters";
import { scriptText } from "./toolkit";

/**
 * The inputs of a local command that runs a program: the provider prints a command that failed, whole, so the program is in the
 * environment. Its secret parameters come on standard input. Pulumi stores that twice and encrypted, which cannot be compressed, so
 * parameters that are no secrets go into the environment where they are many.
 */
export const localProgram = (
    program: string,
    secretParameters: pulumi.Input<string>,
    environment: pulumi.Input<Record<string, string>> = {},
) => ({
    run: 'eval "$(cat)"',
    inputs: {
        environment: pulumi.output(environment).apply((variables) => ({ PROGRAM: program, ...variables })),
        stdin: pulumi.secret(pulumi.interpolate`${secretParameters}eval "$PROGRAM"`),
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

/** The parameters of scripts/local/dial.sh for one host. */
export const DIALED = {
    NAME: text("The name of the host, with which each line on standard error begins."),
    KNOWN_HOST: text("The host's key as a line of known_hosts; empty where none is known."),
    STRICT: text("`yes`: that key is the only one accepted; `no`: any key is."),
    PORT: number("The port of sshd."),
    LOGIN: text("The user."),
    ADDRESS: text("The address of the host."),
    CONNECT_TIMEOUT: number("The seconds in which sshd must answer."),
    LIMIT: number("The seconds in which the command must end."),
    RUN: text("The command."),
    STDIN: text("The command's standard input."),
} satisfies Table;

/** Those for all hosts. */
export const ACCESS = {
    KEY: text("The operator's private key, PEM; secret. Empty for the keys of the agent."),
    AGENT: text("`none`, or `SSH_AUTH_SOCK`: the variable that names the agent's socket."),
    BASTION_ADDRESS: text(
        "The address of the bastion on the way to the hosts. Empty where there is none: then no other BASTION parameter is sent.",
    ),
    BASTION_PORT: number("The port of its sshd.", 0),
    BASTION_LOGIN: text("The user there.", ""),
    BASTION_KEY: text("The private key for it, as KEY.", ""),
    BASTION_AGENT: text("As AGENT.", ""),
    BASTION_KNOWN_HOST: text("As KNOWN_HOST.", ""),
    BASTION_STRICT: text("As STRICT.", ""),
} satisfies Table;

export const dialParameters = (
    host: HostSettings,
    { run, stdin, limitSeconds }: DialedCommand,
): ValuesOf<typeof DIALED> => ({
    NAME: host.name,
    KNOWN_HOST: knownHost(host.hostKey),
    STRICT: strict(host.hostKey),
    PORT: host.port,
    LOGIN: host.user,
    ADDRESS: host.address,
    CONNECT_TIMEOUT: DIAL.timeoutSeconds,
    LIMIT: limitSeconds,
    RUN: run,
    STDIN: stdin,
});

export const accessParameters = ({ privateKey, bastion }: SshAccess): ValuesOf<typeof ACCESS> => ({
    KEY: privateKey?.trimEnd() ?? "",
    AGENT: agent(privateKey),
    BASTION_ADDRESS: "",
    ...(bastion && bastionParameters(bastion)),
});

const bastionParameters = ({ address, port, user, privateKey, hostKey }: Bastion) => ({
    BASTION_ADDRESS: address,
    BASTION_PORT: port,
    BASTION_LOGIN: user,
    BASTION_KEY: privateKey?.trimEnd() ?? "",
    BASTION_AGENT: agent(privateKey),
    BASTION_KNOWN_HOST: knownHost(hostKey),
    BASTION_STRICT: strict(hostKey),
});

/** dial.sh gives every machine the same name there, whatever its address is. */
const knownHost = (hostKey: string | undefined): string => (hostKey ? `host ${hostKey}` : "");

const agent = (privateKey: string | undefined): string => (privateKey ? "none" : "SSH_AUTH_SOCK");

const strict = (hostKey: string | undefined): string => (hostKey ? "yes" : "no");
