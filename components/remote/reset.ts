import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { DIAL, TOOLKIT } from "../constants";
import { HostArgs, SshArgs } from "../types";
import { loginUser } from "./connection";
import { shellOf } from "./phase";
import { preamble } from "./parameters";

/**
 * Resets the host when it leaves the program. A remote.Command's delete fails when the host is off, and would keep a dead
 * machine in the program for ever; so this runs ssh here, and takes silence (255) for an answer: a machine that does not
 * answer, or shows another host key, is left as it is.
 */
const RESET = `set -eu; umask 077
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
cat >"$d/p"; . "$d/p"
printf '%s\\n' "$KEY" >"$d/key"; printf '%s\\n' "$KNOWN_HOST" >"$d/known"
printf '%s' "$STDIN" | ssh -F none -i "$d/key" -p "$PORT" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \\
  -o ConnectTimeout=${DIAL.timeoutSeconds} -o ServerAliveInterval=10 -o HostKeyAlias=host -o UserKnownHostsFile="$d/known" \\
  -o StrictHostKeyChecking="$STRICT" "$LOGIN" "$RUN" || r=$?
[ "\${r:-0}" != 255 ] || { echo "warning: $LOGIN did not answer; it was left as it is" >&2; exit 0; }
exit "\${r:-0}"`;

export function resetOnDelete(
    name: string,
    host: HostArgs,
    ssh: SshArgs,
    owner: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): local.Command {
    const user = loginUser(host, ssh);
    const parameters = pulumi.all([ssh.privateKey, owner]).apply(([key, id]) =>
        preamble({
            KEY: key.trimEnd(),
            KNOWN_HOST: host.hostKey ? `host ${host.hostKey}` : "",
            STRICT: host.hostKey ? "yes" : "no",
            PORT: host.port ?? ssh.port ?? 22,
            LOGIN: `${user}@${host.address}`,
            // Whatever was never copied needs no reset either.
            RUN: `[ ! -e ${TOOLKIT}/run.sh ] || ${shellOf(user)} ${TOOLKIT}/run.sh reset delete`,
            STDIN: preamble({ CLUSTER_ID: id, NODE_NAME: host.name }),
        }),
    );
    const nothing = "true";
    return new local.Command(
        name,
        {
            create: nothing,
            update: nothing,
            delete: RESET,
            stdin: pulumi.secret(parameters),
            logging: "stderr",
            addPreviousOutputInEnv: false,
        },
        opts,
    );
}
