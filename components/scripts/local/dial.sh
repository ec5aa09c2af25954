#!/bin/sh
# Runs a command on a host over the operator's own ssh. Runs on the operator's machine, as the beginning of each other script in this
# folder (host/dial.ts).
# Its parameters are the tables DIALED and DIAL_KEY in host/dial.ts.
set -eu
umask 077
export LC_ALL=C

FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
trap 'exit 1' HUP INT TERM

# dial FOLDER: runs RUN with the standard input FOLDER/stdin, and fails with its status; 255 is ssh's own failure.
dial() {
    printf '%s\n' "$KEY" >"$1/key"
    printf '%s\n' "$KNOWN_HOST" >"$1/known"
    mkfifo "$1/progress"
    tee "$1/said" <"$1/progress" >&2 &
    tee=$!

    ssh -F none -i "$1/key" -p "$PORT" -l "$LOGIN" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
        -o ConnectTimeout="$CONNECT_TIMEOUT" -o ServerAliveInterval=10 \
        -o HostKeyAlias=host -o UserKnownHostsFile="$1/known" -o StrictHostKeyChecking="$STRICT" \
        -- "$ADDRESS" "$RUN" <"$1/stdin" 2>"$1/progress" &
    ssh=$!

    # A command that hangs is ended here, because the program `timeout` is not on every operator's machine.
    waited=0
    while kill -0 "$ssh" 2>/dev/null; do
        if [ "$waited" -ge "$((LIMIT * 5))" ]; then
            kill "$ssh"
            echo "error: $ADDRESS: the command did not end within $LIMIT s: $RUN" >&2
            exit 1
        fi
        sleep 0.2
        waited=$((waited + 1))
    done
    status=0
    wait "$ssh" || status=$?
    wait "$tee"
    return "$status"
}

# host_is_silent FOLDER: true when the host did not answer; a refused login or a changed host key is an answer.
host_is_silent() {
    grep -Eq "^ssh: connect to host .*: (Connection timed out|Operation timed out|No route to host|Host is down)" "$1/said"
}
