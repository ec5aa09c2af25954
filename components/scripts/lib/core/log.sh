# shellcheck shell=bash
# Messages for people: one line per step on standard error. No secret is ever an argument of these functions.

# The journal first: a step that was killed ends by the line that nobody reads.
log() {
    note "$*"
    printf '[%s] %s: %s\n' "$PHASE" "${NODE_NAME:-?}" "$*" >&2
}

# note MESSAGE: writes to the host's journal alone (journalctl -t pulumi-kubeadm). The process id tells one run of a phase from another.
note() { logger --tag pulumi-kubeadm --id="$$" -- "[$PHASE] ${NODE_NAME:-?}: $*" 2>/dev/null || true; }

# The exit status of a subshell whose error has been printed, so that the phase does not report the failure twice.
readonly REPORTED=70

die() {
    log "error: $*"
    if ((BASH_SUBSHELL > 0)); then exit "$REPORTED"; fi
    exit 1
}

# report_failure STATUS FILE LINE COMMAND: the ERR trap of run.sh. Names the command that ended the phase, as it stands in the
# script: its variables are not expanded, so no secret is printed. Subshells stay silent, because their caller may handle
# the failure; where it does not, the trap runs in the main shell too.
report_failure() {
    local status=$1 file=${2#"$HERE"/} line=$3 command=${4%%$'\n'*}
    if ((BASH_SUBSHELL > 0)); then return "$status"; fi
    # A preamble holds expanded values.
    if [[ $command == export\ * ]]; then command="a parameter"; fi
    if ((status != REPORTED)); then log "error: $file:$line: $command: ended with status $status"; fi
    exit 1
}

# How often a long wait says that it still waits.
readonly PROGRESS_SECONDS=60

# wait_for SECONDS WHAT COMMAND…: polls until COMMAND succeeds. Says what it waits for, and each minute the last line that COMMAND printed;
# after SECONDS it ends the phase with the last output of COMMAND, and with the last errors of what runs on this host. COMMAND runs in a
# subshell, so variables that it sets are lost.
#
# A wait of a run that was killed must not hold this host to its end: a line of progress that nobody reads ends the phase (SIGPIPE), and a
# subshell that the signal missed sees that its phase has ended.
wait_for() {
    local seconds=$1 what=$2 since=$SECONDS told=$SECONDS pause=0.2 said
    shift 2
    said=$("$@" 2>&1) && return
    log "waiting for $what (at most ${seconds}s)"
    until said=$("$@" 2>&1); do
        if ! kill -0 "$$" 2>/dev/null; then exit "$REPORTED"; fi
        if ((SECONDS - since >= seconds)); then
            if [[ -n $said ]]; then printf '%s\n' "$said" | tail -n 20 >&2; fi
            last_errors >&2
            die "timed out after ${seconds}s waiting for $what"
        fi
        if ((SECONDS - told >= PROGRESS_SECONDS)); then
            told=$SECONDS
            said=${said##*$'\n'}
            log "still waiting for $what ($((SECONDS - since))s of ${seconds}s)${said:+: ${said:0:200}}"
        fi
        # A long wait means a busy host, and each attempt loads it further.
        if ((SECONDS - since >= 2)); then pause=0.5; fi
        sleep "$pause"
    done
}

# holds_within SECONDS COMMAND…: true once COMMAND succeeds. Unlike wait_for it does not end the phase.
holds_within() {
    local seconds=$1 since=$SECONDS
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS - since < seconds)) || return 1
        sleep 0.5
    done
}

# is_not_removed COMMAND…: an interrupted removal may have taken what COMMAND misses, and the node's own step is unchanged in the state.
is_not_removed() {
    "$@" && return
    echo "If an interrupted run was removing such a node: end the removal (the program without the node, \"pulumi up\"), then add the node again"
    return 1
}

# wait_for_output SECONDS WHAT COMMAND…: waits like wait_for, then prints the standard output of the COMMAND that succeeded.
wait_for_output() { wait_for "$1" "$2" print_output "${@:3}" 3>&1; }

# Prints to descriptor 3, because wait_for captures 1 and 2.
print_output() {
    local answer
    answer=$("$@") || return
    printf '%s\n' "$answer" >&3
}

# quietly COMMAND…: prints the output of COMMAND only when it fails.
quietly() {
    local output code=0
    output=$("$@" 2>&1) || code=$?
    if ((code != 0)); then printf '%s\n' "$output" | tail -n 20 >&2; fi
    return "$code"
}

# root's ~/.curlrc may name a proxy, or print what nobody expects.
curl() { command curl --disable "$@"; }

# url_answers URL [OPTION…]: true when a server listens there, whatever it replies: a client without credentials is refused. The options
# are curl's.
url_answers() {
    local code=0
    curl --silent --insecure --max-time 5 --connect-timeout 3 --output /dev/null "${@:2}" "$1" || code=$?
    # curl's exit codes for an unknown host, a refused connection and a timeout.
    ((code != 6 && code != 7 && code != 28))
}
