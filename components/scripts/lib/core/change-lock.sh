# shellcheck shell=bash
# A lock of the whole cluster that a host holds while a change stops its kube-apiserver or its etcd member. The program gives
# live hosts turns, but not two programs from two copies of the state, nor one that is run with --target.
# lib/cluster/lease.sh has the lock of control plane nodes, lib/etcd/lock.sh that of hosts with etcd alone. X_read succeeds where the
# lock can be read, X_take prints the holder's proof, and X_renew and X_release get that proof.

# A host that does not renew its lock for this long has lost it.
readonly LOCK_SECONDS=30
LOCK_HELD="" LOCK_KIND="" LOCK_RENEWER=""

# lock_changes KIND: waits until no other host changes, then holds the lock until unlock_changes, which run.sh calls at the end of
# every phase.
lock_changes() {
    LOCK_KIND=$1
    rm -f "$STATE/lock-seen"
    wait_for 120 "the lock of changes to be readable" dispatch LOCKS "$LOCK_KIND" @_read
    LOCK_HELD=$(wait_for_output 900 "another host to end its change" dispatch LOCKS "$LOCK_KIND" @_take)
    # Its own descriptors, because sshd waits for whoever has the phase's, and the next phase for the host's lock.
    renew_lock </dev/null >/dev/null 2>&1 9>&- &
    LOCK_RENEWER=$!
}

# Ends with the phase, however that ends.
renew_lock() {
    trap - EXIT ERR
    while sleep "$((LOCK_SECONDS / 6))" && kill -0 "$$"; do
        dispatch LOCKS "$LOCK_KIND" @_renew "$LOCK_HELD" || true
    done
}

unlock_changes() {
    if [[ -z $LOCK_HELD ]]; then return; fi
    kill "$LOCK_RENEWER" 2>/dev/null || true
    dispatch LOCKS "$LOCK_KIND" @_release "$LOCK_HELD" >/dev/null 2>&1 || true
    LOCK_HELD=""
}

# lock_is_stale HOLDER VERSION: true when VERSION has not changed for LOCK_SECONDS. Measured here, because the clocks of hosts
# differ. Prints who holds the lock.
lock_is_stale() {
    local seen="" since=0
    if [[ -e $STATE/lock-seen ]]; then read -r seen since <"$STATE/lock-seen"; fi
    if [[ $seen == "$2" ]] && ((SECONDS - since >= LOCK_SECONDS)); then return; fi
    if [[ $seen != "$2" ]]; then
        printf '%s %s\n' "$2" "$SECONDS" | write_file "$STATE/lock-seen" 0600
    fi
    echo "$1 is changing" >&2
    return 1
}
