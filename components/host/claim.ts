import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { HostSettings, OnRemoval } from "../model/hosts";
import { SshAccess } from "../model/ssh";
import { Identity, preamble } from "./contract";
import { phaseCommand, phaseInput, sudoPassword } from "./entry";
import { KEEP_OUTPUT, accessParameters, dialParameters, localProgram, localScript } from "./dial";
import { TOOLKIT } from "./toolkit";

/**
 * How long the release of one host may take: ten minutes until another step leaves it, then removing its pods (three attempts of two
 * minutes) and its packages.
 */
const RELEASE_SECONDS = 1500;

export interface ClaimedHost {
    host: pulumi.Input<HostSettings>;
    onRemoval: OnRemoval;
    /** A release changes no host with another identity. */
    identity: pulumi.Input<Identity>;
    ssh: pulumi.Input<SshAccess>;
}

/**
 * Makes a claim, once: a random number that `prepare` leaves on the host. A replaced resource makes another one, which
 * reaches the host before the old resource is deleted; so the old one's release finds a host that is not its own.
 */
const CLAIM = "od -An -N8 -tx1 /dev/urandom | tr -d ' \\n'";

/** The release itself, which runs on the operator's machine. */
export const RELEASE = localScript("release");

/** Releases the host when it leaves the program. Its output is the host's claim. */
export function claimHost(
    name: string,
    { host, onRemoval, identity, ssh }: ClaimedHost,
    opts: pulumi.CustomResourceOptions,
): local.Command {
    const parameters = pulumi.all([ssh, host, identity]).apply(([access, settings, sent]) => {
        // A host that the toolkit was never copied to has nothing to release.
        const run = `[ ! -e ${TOOLKIT}/run.sh ] || ${phaseCommand(settings.user, "release", "delete")}`;
        const stdin = phaseInput(settings.user, sudoPassword(settings, access), preamble(sent));
        const command = { run, stdin, limitSeconds: RELEASE_SECONDS };
        return preamble({ ...accessParameters(access), ...dialParameters(settings, command) });
    });
    const release = localProgram(RELEASE, parameters);
    return new local.Command(
        name,
        {
            ...release.inputs,
            create: CLAIM,
            update: KEEP_OUTPUT,
            delete: onRemoval === OnRemoval.Keep ? undefined : release.run,
            addPreviousOutputInEnv: true,
            // Another machine behind the same name, or another path to this one. `prepare` tells which.
            triggers: [pulumi.output(host).address],
        },
        opts,
    );
}
