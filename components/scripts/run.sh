#!/usr/bin/env bash
# The only entry point on a host: run.sh PHASE ACTION, with the parameters as a shell preamble on standard input.
# Everything that a phase needs lies beside this file, so a phase's command line is constant and short.
set -eEuo pipefail
umask 077
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

main() {
    PHASE=$1 ACTION=$2
    HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    readonly PHASE ACTION HERE

    local library
    for library in "$HERE"/lib/{core,host,etcd,load-balancer,cluster}/*.sh; do
        # shellcheck source=/dev/null
        source "$library"
    done
    # shellcheck source=/dev/null
    source "$HERE/phases/$PHASE.sh"
    export KUBECONFIG=$ADMIN_CONF
    trap 'report_failure "$?" "${BASH_SOURCE[0]}" "$LINENO" "$BASH_COMMAND"' ERR

    lock_host
    # The whole preamble is read before anything runs: a child that read standard input would eat the rest of it.
    PARAMETERS=$(cat)
    eval "$PARAMETERS"
    "phase_${PHASE//-/_}" </dev/null
}

# A phase whose engine was killed goes on running on the host; the next phase waits until it ends. Preflight changes nothing, so
# it takes no lock.
lock_host() {
    [[ $PHASE != preflight ]] || return 0
    exec 9>"$HOST_LOCK"
    flock --wait 600 9 || die "another run has held this host for 600s ($HOST_LOCK)"
}

main "$@"
