# shellcheck shell=bash
# The lock of this host: one step at a time. A step whose engine was killed may go on running here, so the next one waits until it has
# ended. The kernel releases the lock with the last process that has its file open. The file says which step took it.

readonly HOST_LOCK_SECONDS=600

# A step that changes nothing takes no lock.
lock_host() {
    if [[ $PHASE == preflight || $PHASE == formation ]]; then return; fi
    # Another step may hold it, so the file is opened without emptying it.
    exec 9>>"$HOST_LOCK"
    if ! flock --nonblock 9; then
        log "waiting for another run to leave this host (at most ${HOST_LOCK_SECONDS}s): $(host_lock_owner)"
        flock --wait "$HOST_LOCK_SECONDS" 9 || refuse_held_host
    fi
    printf 'its step %s, process %s, since %s\n' "$PHASE" "$$" "$(date -u +%FT%TZ)" >"$HOST_LOCK"
}

refuse_held_host() {
    host_lock_processes >&2
    die "another run has held this host for ${HOST_LOCK_SECONDS}s ($HOST_LOCK): $(host_lock_owner). Its processes are listed above;" \
        "journalctl -t pulumi-kubeadm on this host says what it did last. Let that run end, or end these processes, then run pulumi up again"
}

host_lock_owner() {
    local owner
    owner=$(tail -n 1 "$HOST_LOCK")
    printf '%s' "${owner:-it did not say which step}"
}

# Prints the processes that have the lock's file open. Other steps that wait for it are among them.
host_lock_processes() {
    local ids
    ids=$(find /proc/[0-9]*/fd -lname "$HOST_LOCK" 2>/dev/null | cut -d / -f 3 | sort -nu | grep -vxF "$$" | paste -sd ,) || true
    ps -ww -o pid,ppid,stat,etimes,args -p "${ids:-0}" || true
}
