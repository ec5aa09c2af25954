import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { HostSettings } from "../model/hosts";
import { DIAL } from "./connection";
import { preamble } from "./contract";
import { shellOf } from "./phase";
import { TOOLKIT } from "./toolkit";

/** How long the release of one host may take: removing its pods (three attempts of two minutes) and its packages. */
export const RELEASE_SECONDS = 900;

/** A host, and its identity as its staged state says it. A release acts on no other host. */
export interface ClaimedHost {
    host: HostSettings;
    /** See `ClusterPki.clusterId`. */
    clusterId: pulumi.Input<string>;
    role: string;
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
 * Runs `reset` on the host, over the operator's own ssh. A host that is silent is left as it is, so that a machine that is
 * powered off can leave the program. A refused login, a changed host key or an unreadable key is a failure.
 * The loop ends a release that hangs; a program of its own for that, `timeout`, is not on every operator's machine.
 */
export const RELEASE = `set -eu; umask 077; export LC_ALL=C
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; trap 'exit 1' HUP INT TERM
printf '%s\\n' "$KEY" >"$d/key"; printf '%s\\n' "$KNOWN_HOST" >"$d/known"
printf "%sCLAIM='%s'\\n" "$STDIN" "\${PULUMI_COMMAND_STDOUT:-}" >"$d/stdin"
mkfifo "$d/progress"; tee "$d/said" <"$d/progress" >&2 & tee=$!
ssh -F none -i "$d/key" -p "$PORT" -l "$LOGIN" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \\
  -o ConnectTimeout=${DIAL.timeoutSeconds} -o ServerAliveInterval=10 -o HostKeyAlias=host -o UserKnownHostsFile="$d/known" \\
  -o StrictHostKeyChecking="$STRICT" -- "$ADDRESS" "$RUN" <"$d/stdin" 2>"$d/progress" &
pid=$!; waited=0; r=0
while kill -0 "$pid" 2>/dev/null; do
  [ "$waited" -lt "$LIMIT" ] || { kill "$pid"; echo "error: $ADDRESS was not released within $LIMIT s" >&2; exit 1; }
  sleep 1; waited=$((waited + 1))
done
wait "$pid" || r=$?
wait "$tee"
[ "$r" = 255 ] || exit "$r"
if grep -Eq "^ssh: connect to host .*: (Connection timed out|Operation timed out|No route to host|Host is down)" "$d/said"; then
  echo "warning: $ADDRESS did not answer; it was left as it is" >&2; exit 0
fi
echo "error: ssh could not release $ADDRESS, see above. If the machine is gone for good: pulumi state delete, with the URN of this resource" >&2
exit 1`;

/** The program comes after its parameters on standard input: the provider prints a command that failed, whole. */
export const READ_PROGRAM = 'eval "$(cat)"';

/** Releases the host when it leaves the program. Its output is the host's claim. */
export function releaseOnDelete(
    name: string,
    { host, clusterId, role, sshPrivateKey }: ClaimedHost,
    opts: pulumi.CustomResourceOptions,
): local.Command {
    const { user } = host;
    const parameters = pulumi.all([sshPrivateKey, clusterId]).apply(([key, id]) =>
        preamble({
            KEY: key.trimEnd(),
            KNOWN_HOST: host.hostKey ? `host ${host.hostKey}` : "",
            STRICT: host.hostKey ? "yes" : "no",
            PORT: host.port,
            LOGIN: user,
            ADDRESS: host.address,
            LIMIT: RELEASE_SECONDS,
            // A host that the toolkit was never copied to has nothing to release.
            RUN: `[ ! -e ${TOOLKIT}/run.sh ] || ${shellOf(user)} ${TOOLKIT}/run.sh reset delete`,
            STDIN: preamble({
                CLUSTER_ID: id,
                NODE_NAME: host.name,
                NODE_ADDRESS: host.privateAddress,
                ROLE: role,
            }),
        }),
    );
    return new local.Command(
        name,
        {
            create: CLAIM,
            update: KEEP_CLAIM,
            delete: READ_PROGRAM,
            stdin: pulumi.secret(pulumi.interpolate`${parameters}${RELEASE}\n`),
            logging: "stderr",
            addPreviousOutputInEnv: true,
        },
        opts,
    );
}
