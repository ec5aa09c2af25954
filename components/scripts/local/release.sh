#!/bin/sh
# Releases a host that leaves the program: runs `release` there over the operator's own ssh. Runs on the operator's machine, as
# text on the standard input of a shell, after its parameters.
# A host that does not answer stays as it is, so that a machine that is powered off can leave the program. A refused login,
# a changed host key or an unreadable key is a failure.
# Parameters: ADDRESS, PORT, LOGIN, KEY, KNOWN_HOST, STRICT (yes: KNOWN_HOST is the only accepted key; no: any key),
# RUN (the command on the host), STDIN (its parameters), CONNECT_TIMEOUT and LIMIT (seconds).
# PULUMI_COMMAND_STDOUT is the host's claim.
set -eu
umask 077
export LC_ALL=C

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

printf '%s\n' "$KEY" >"$folder/key"
printf '%s\n' "$KNOWN_HOST" >"$folder/known"
printf "%sCLAIM='%s'\n" "$STDIN" "${PULUMI_COMMAND_STDOUT:-}" >"$folder/stdin"
mkfifo "$folder/progress"
tee "$folder/said" <"$folder/progress" >&2 &
tee=$!

ssh -F none -i "$folder/key" -p "$PORT" -l "$LOGIN" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
    -o ConnectTimeout="$CONNECT_TIMEOUT" -o ServerAliveInterval=10 \
    -o HostKeyAlias=host -o UserKnownHostsFile="$folder/known" -o StrictHostKeyChecking="$STRICT" \
    -- "$ADDRESS" "$RUN" <"$folder/stdin" 2>"$folder/progress" &
ssh=$!

# A release that hangs is ended here, because the program `timeout` is not on every operator's machine.
waited=0
while kill -0 "$ssh" 2>/dev/null; do
    if [ "$waited" -ge "$LIMIT" ]; then
        kill "$ssh"
        echo "error: $ADDRESS was not released within $LIMIT s" >&2
        exit 1
    fi
    sleep 1
    waited=$((waited + 1))
done
status=0
wait "$ssh" || status=$?
wait "$tee"

# 255 is ssh's own failure; every other status is that of `release`.
if [ "$status" != 255 ]; then
    exit "$status"
fi
if grep -Eq "^ssh: connect to host .*: (Connection timed out|Operation timed out|No route to host|Host is down)" "$folder/said"; then
    echo "warning: $ADDRESS did not answer; it was left as it is" >&2
    exit 0
fi
echo "error: ssh could not release $ADDRESS, see above. If the machine is gone for good: pulumi state delete, with the URN of this resource" >&2
exit 1
