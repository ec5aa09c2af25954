import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { HostSettings } from "../model/hosts";
import { SshAccess } from "../model/ssh";
import { DIAL } from "./connection";
import { digest, preamble } from "./contract";
import { accessParameters, dialParameters, localProgram } from "./dial";
import { Table, ValuesOf, number, text, trigger } from "./parameters";
import { TOOLKIT, toolkitDigest, toolkitFolder } from "./toolkit";

/** The copy itself, which runs on the operator's machine. It needs the scripts' folder anyway, so the state has no text of it. */
export const COPY_SCRIPT = '. "$SCRIPTS/local/dial.sh"; . "$SCRIPTS/local/copy.sh"';

/** The parameters of scripts/local/copy.sh, beside those of dial.sh. */
export const COPY = {
    SCRIPTS: text("The folder with the scripts, relative to the program."),
    SCRIPTS_DIGEST: trigger("Their digest."),
    TARGET: text("The folder in the home of the login."),
    TRIES: number("How often a host that does not answer is called."),
    CALLED_FOR: trigger(
        "A digest of what preflight looks at beyond the host. It runs again for another one, and a host that is off must fail here: that stops no other host.",
        "",
    ),
} satisfies Table;

const LIMIT_SECONDS = 120;

const variables = (parameters: Record<string, string | number>): Record<string, string> =>
    Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));

/**
 * The scripts on one host. A local command and the operator's own ssh, because the provider copies by SFTP, which hardened hosts do not
 * have, and which the first word of a login shell breaks. It runs again for other scripts, another machine, another login, and (`calledFor`) another preflight.
 */
export function copyScripts(
    name: string,
    {
        host,
        ssh,
        calledFor = [],
    }: { host: pulumi.Output<HostSettings>; ssh: pulumi.Output<SshAccess>; calledFor?: pulumi.Input<string[]> },
    opts: pulumi.CustomResourceOptions,
): local.Command {
    const environment = pulumi.all([host, calledFor]).apply(([settings, rows]) => {
        const command = { run: "sh -s", stdin: "", limitSeconds: LIMIT_SECONDS };
        const copy: ValuesOf<typeof COPY> = {
            SCRIPTS: toolkitFolder(),
            SCRIPTS_DIGEST: toolkitDigest,
            TARGET: TOOLKIT,
            TRIES: DIAL.errorLimit,
            CALLED_FOR: rows.length > 0 ? digest({ rows }) : "",
        };
        return variables({ ...dialParameters(settings, command), ...copy });
    });
    const keys = ssh.apply((access) => preamble({ ...accessParameters(access) }));
    const { run, inputs } = localProgram(COPY_SCRIPT, keys, environment);
    return new local.Command(name, { ...inputs, create: run, addPreviousOutputInEnv: false }, opts);
}
