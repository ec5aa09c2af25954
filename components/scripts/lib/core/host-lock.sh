# shellcheck shell=bash
# The lock of this host: one step at a time. A step whose engine was killed may go on running here, so the next one waits until it has
# ended. The kernel releases the lock with the last process that has its file open. The file says which step took it.

readonly HOST_LOCK_SECONDS=600

# A step that changes nothing takes no lock.
lock_host() {
    if [[ $PHASE == preflight || $PHASE == formation ]]; then return; fi
    # Another step may hold it, so the file is opened without emptying it.
    exec 9>>"$HOST_LOCK"
    if ! flock --nonblock 9; then await_host_lock; fi
    # A release deletes the file. The next step makes and locks a new one, so a lock of the old one excludes nobody.
    if [[ ! /proc/self/fd/9 -ef $HOST_LOCK ]]; then
        lock_host
        return
    fi
    printf 'its phase %s of %s, process %s, since %s\n' "$PHASE" "$NODE_NAME" "$$" "$(date -u +%FT%TZ)" >"$HOST_LOCK"
}

# The engine of a step may be killed while the step waits here. The step must not begin then: by now its input may be an old one. The
# lines that it writes end it, because nobody reads them (SIGPIPE).
await_host_lock() {
    local waited
    log "waiting for another run to leave this host (at most ${HOST_LOCK_SECONDS}s): $(host_lock_owner)"
    for ((waited = PROGRESS_SECONDS; waited <= HOST_LOCK_SECONDS; waited += PROGRESS_SECONDS)); do
        if flock --wait "$PROGRESS_SECONDS" 9; then
            log "the other run has left this host"
            return
        fi
        log "still waiting for another run to leave this host (${waited}s of ${HOST_LOCK_SECONDS}s): $(host_lock_owner)"
    done
    host_lock_processes >&2
    die "another run still holds this host after ${HOST_LOCK_SECONDS}s ($HOST_LOCK): $(host_lock_owner). Its processes are listed above;" \
        "journalctl -t pulumi-kubeadm on this host says what it did last. Let that run end, or end these processes, then run pulumi up again"
}

host_lock_owner() {
    local owner
    owner=$(tail -n 1 "$HOST_LOCK" 2>/dev/null) || true
    printf '%s' "${owner:-it did not say which}"
}

# Prints the processes that have the lock's file open, without the steps that only wait for it: those have started `flock`.
host_lock_processes() {
    local ids
    ids=$(find /proc/[0-9]*/fd -lname "$HOST_LOCK*" 2>/dev/null | cut -d / -f 3 | sort -nu | grep -vxF "$$" | paste -sd ,) || true
    if [[ -z $ids ]]; then
        echo "no process has $HOST_LOCK open any more"
        return
    fi
    ps -ww -o pid,ppid,stat,etimes,args -p "$ids" | awk '
        { row[NR] = $0; id[NR] = $1 }
        $5 == "flock" { waits[$1]; waits[$2] }
        END { for (i = 1; i <= NR; i++) if (!(id[i] in waits)) print row[i] }' || true
}
