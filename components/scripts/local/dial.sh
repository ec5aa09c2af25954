#!/bin/sh
# Runs a command on a host over the operator's own ssh. Runs on the operator's machine, as the beginning of each other script in this
# folder (host/dial.ts).
# Its parameters are the tables DIALED and ACCESS in host/dial.ts.
set -eu
umask 077
export LC_ALL=C

FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
trap 'exit 1' HUP INT TERM

OPTIONS="-F none -o BatchMode=yes -o ServerAliveInterval=10 -o HostKeyAlias=host"

# The bastion is reached by a second ssh, whose options come in variables, since its command line is a text of ssh's. It says at level
# INFO why the bastion did not reach the host: when that is silent, after the bastion's own timeout of TCP, two minutes.
if [ -n "$BASTION_ADDRESS" ]; then
    export FOLDER OPTIONS CONNECT_TIMEOUT BASTION_ADDRESS BASTION_PORT BASTION_LOGIN BASTION_AGENT BASTION_STRICT
    export SHELL=/bin/sh
    [ -z "$BASTION_KEY" ] || printf '%s\n' "$BASTION_KEY" >"$FOLDER/bastion-key"
    printf '%s\n' "$BASTION_KNOWN_HOST" >"$FOLDER/bastion-known"
    # shellcheck disable=SC2016 # the shell of ssh expands it
    JUMP='ssh $OPTIONS -o IdentityAgent="$BASTION_AGENT" -o IdentityFile="$FOLDER/bastion-key" \
        -p "$BASTION_PORT" -l "$BASTION_LOGIN" -o LogLevel=INFO -o ConnectTimeout="$CONNECT_TIMEOUT" \
        -o UserKnownHostsFile="$FOLDER/bastion-known" -o StrictHostKeyChecking="$BASTION_STRICT" -W "[%h]:%p" -- "$BASTION_ADDRESS"'
    WAIT=150
    SILENT="^channel 0: open failed: connect failed: "
else
    JUMP=none
    WAIT=
    SILENT="^ssh: connect to host .*: "
fi

CR=$(printf '\r')

# say WORDS: prints them with the host's name before them.
say() { echo "$NAME ($ADDRESS): $*" >&2; }

# relay FOLDER: prints ssh's messages, each with the host's name, and keeps them in FOLDER/said. The messages of our scripts on the host have
# the name already.
relay() {
    : >"$1/said"
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%"$CR"}
        printf '%s\n' "$line" >>"$1/said"
        case $line in
            "["*"] $NAME: "*) printf '%s\n' "$line" >&2 ;;
            *) say "$line" ;;
        esac
    done <"$1/progress"
}

# dial FOLDER: runs RUN with the standard input FOLDER/stdin, and fails with its status; 255 is ssh's own failure.
dial() {
    [ -z "$KEY" ] || printf '%s\n' "$KEY" >"$1/key"
    printf '%s\n' "$KNOWN_HOST" >"$1/known"
    mkfifo "$1/progress"
    relay "$1" &
    relay=$!

    # shellcheck disable=SC2086 # several words
    ssh $OPTIONS -o IdentityAgent="$AGENT" -o IdentityFile="$1/key" \
        -p "$PORT" -l "$LOGIN" -o LogLevel=ERROR -o ProxyCommand="$JUMP" \
        -o ConnectTimeout="${WAIT:-$CONNECT_TIMEOUT}" -o UserKnownHostsFile="$1/known" -o StrictHostKeyChecking="$STRICT" \
        -- "$ADDRESS" "$RUN" <"$1/stdin" 2>"$1/progress" &
    ssh=$!

    # A command that hangs is ended here, because the program `timeout` is not on every operator's machine.
    waited=0
    while kill -0 "$ssh" 2>/dev/null; do
        if [ "$waited" -ge "$((LIMIT * 5))" ]; then
            kill "$ssh"
            say "error: the command did not end within $LIMIT s: $RUN"
            exit 1
        fi
        sleep 0.2
        waited=$((waited + 1))
    done
    status=0
    wait "$ssh" || status=$?
    wait "$relay"
    return "$status"
}

# host_is_silent FOLDER: true when the host did not answer; a refused login or a changed host key is an answer, and a bastion that does
# not answer says nothing of the host.
host_is_silent() {
    grep -Eq "$SILENT(Connection timed out|Operation timed out|No route to host|Host is down)" "$1/said"
}
