# shellcheck shell=bash
# What people read: one line a step on standard error. No secret is ever an argument here.

log() { printf '[%s] %s: %s\n' "$PHASE" "${NODE_NAME:-?}" "$*" >&2; }

die() {
    log "error: $*"
    exit 1
}

# wait_for SECONDS WHAT COMMAND…: polls until COMMAND succeeds; says what is awaited, and gives up with a reason and with
# what COMMAND said at last. COMMAND runs in a shell of its own: what it sets is lost.
wait_for() {
    local seconds=$1 what=$2 since=$SECONDS pause=0.2 said
    shift 2
    said=$("$@" 2>&1) && return
    log "waiting for $what (at most ${seconds}s)"
    until said=$("$@" 2>&1); do
        if ((SECONDS - since >= seconds)); then
            [[ -z $said ]] || printf '%s\n' "$said" | tail -n 20 >&2
            die "$what did not happen within ${seconds}s"
        fi
        # What takes long does so because the host is busy, and each look takes it some more.
        ((SECONDS - since < 2)) || pause=0.5
        sleep "$pause"
    done
}

# answer_of SECONDS WHAT COMMAND…: waits in the same way, and prints what COMMAND wrote to standard output when it succeeded.
answer_of() { wait_for "$1" "$2" print_answer "${@:3}" 3>&1; }

# To the third descriptor: `wait_for` keeps what is written to the first two.
print_answer() {
    local answer
    answer=$("$@") || return
    printf '%s\n' "$answer" >&3
}

# quietly COMMAND…: its own words matter when it fails; else they are noise.
quietly() {
    local output code=0
    output=$("$@" 2>&1) || code=$?
    ((code == 0)) || printf '%s\n' "$output" | tail -n 20 >&2
    return "$code"
}

# answers URL: somebody listens there, whatever they say. What a client without credentials is told is a refusal.
answers() {
    local code=0
    curl --silent --insecure --max-time 5 --connect-timeout 3 --output /dev/null "$1" || code=$?
    # curl's words for: no such name, no connection, no time.
    ((code != 6 && code != 7 && code != 28))
}
