import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { HostSettings } from "../model/hosts";
import { DIAL } from "./connection";
import { Identity, preamble } from "./contract";
import { shellOf } from "./phase";
import { TOOLKIT, scriptText } from "./toolkit";

/** How long the release of one host may take: removing its pods (three attempts of two minutes) and its packages. */
export const RELEASE_SECONDS = 900;

export interface ClaimedHost {
    host: HostSettings;
    /** A release acts on no host that is another one. */
    identity: pulumi.Input<Identity>;
    /** PEM; of the operator. */
    sshPrivateKey: pulumi.Input<string>;
}

/**
 * Makes a claim, once: a random number that `prepare` leaves on the host. A replaced resource makes another one, which
 * reaches the host before the old resource is deleted; so the old one's release finds a host that is not its own.
 */
const CLAIM = "od -An -N8 -tx1 /dev/urandom | tr -d ' \\n'";
const KEEP_CLAIM = `printf %s "$PULUMI_COMMAND_STDOUT"`;

/**
 * The release itself, which runs on the operator's machine. Its comments and indentation are left out: Pulumi keeps the text
 * twice in the state of every host, encrypted, so it cannot be compressed there.
 */
export const RELEASE = scriptText("local/release.sh")
    .replace(/^ *(#.*)?\n/gm, "")
    .replace(/^ +/gm, "");

/** The program comes after its parameters on standard input: the provider prints a command that failed, whole. */
export const READ_PROGRAM = 'eval "$(cat)"';

/** Releases the host when it leaves the program. Its output is the host's claim. */
export function claimHost(
    name: string,
    { host, identity, sshPrivateKey }: ClaimedHost,
    opts: pulumi.CustomResourceOptions,
): local.Command {
    const { user } = host;
    const parameters = pulumi.all([sshPrivateKey, identity]).apply(([key, sent]) =>
        preamble({
            KEY: key.trimEnd(),
            KNOWN_HOST: host.hostKey ? `host ${host.hostKey}` : "",
            STRICT: host.hostKey ? "yes" : "no",
            PORT: host.port,
            LOGIN: user,
            ADDRESS: host.address,
            CONNECT_TIMEOUT: DIAL.timeoutSeconds,
            LIMIT: RELEASE_SECONDS,
            // A host that the toolkit was never copied to has nothing to release.
            RUN: `[ ! -e ${TOOLKIT}/run.sh ] || ${shellOf(user)} ${TOOLKIT}/run.sh release delete`,
            STDIN: preamble({ ...sent }),
        }),
    );
    return new local.Command(
        name,
        {
            create: CLAIM,
            update: KEEP_CLAIM,
            delete: READ_PROGRAM,
            stdin: pulumi.secret(pulumi.interpolate`${parameters}${RELEASE}`),
            logging: "stderr",
            addPreviousOutputInEnv: true,
        },
        opts,
    );
}
