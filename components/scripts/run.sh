#!/usr/bin/env bash
# The entry of every phase on a host: run.sh PHASE ACTION [INPUT], with the parameters as a shell preamble on standard input, or in the
# pipe INPUT (sudo.sh). Everything that a phase needs lies beside this file, so a phase's command line is constant and short.
set -eEuo pipefail
umask 077
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# A proxy of the host's own (/etc/environment, sudo's env_keep) is not the cluster's: kubeadm would write it into static pods, and each
# question to etcd would go there. Downloads get sources.proxy (lib/host/packages.sh).
unset -v {http,https,ftp,all,no}_proxy {HTTP,HTTPS,FTP,ALL,NO}_PROXY

main() {
    PHASE=$1 ACTION=$2
    HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    readonly PHASE ACTION HERE
    if (($# > 2)); then exec <"$3"; fi

    local library
    for library in "$HERE"/lib/{core,host,etcd,load-balancer,cluster}/*.sh; do
        # shellcheck source=/dev/null
        source "$library"
    done
    # shellcheck source=/dev/null
    source "$HERE/phases/$PHASE.sh"
    export KUBECONFIG=$ADMIN_CONF
    trap 'report_failure "$?" "${BASH_SOURCE[0]}" "$LINENO" "$BASH_COMMAND"' ERR

    trap 'end_phase "$?"' EXIT

    read_input
    lock_host
    note "begins ($ACTION)"
    "phase_${PHASE//-/_}" </dev/null
    HAS_ENDED=yes
}

# The failure has been reported: in a trap of EXIT a function that returns without a number returns the status of the phase.
end_phase() {
    trap - ERR
    set +e
    unlock_changes
    remove_verify_pods
    # A signal leaves the status of the command before it.
    if (($1 == 0)) && [[ ! -v HAS_ENDED ]]; then
        note "was ended by a signal after ${SECONDS}s"
    else
        note "ends with status $1 after ${SECONDS}s"
    fi
}

# Reads the head (whose host this is) up to an empty line, then the parameters of the phase. The whole input is read before anything
# runs: a child that read standard input would eat the rest of it. The head is readonly, so that no state that lies on the host can
# replace what this step was sent.
read_input() {
    local line
    HEAD=""
    while IFS= read -r line && [[ -n $line ]]; do HEAD+=$line$'\n'; done
    PARAMETERS=$(cat)
    eval "$HEAD"
    expect head
    readonly HEAD PARAMETERS CLUSTER_ID NODE_NAME NODE_ADDRESS ROLE CLAIM=${CLAIM:-} DESIRED=${DESIRED:-} SECRETS=${SECRETS:-}
    if [[ -v TOOLKIT && $TOOLKIT != "$(toolkit_digest)" ]]; then
        die "the scripts in $HERE are not this program's; another program has copied its own. To copy them again: pulumi up" \
            "--replace, with the URN of this host's toolkit resource, once that program leaves the host alone"
    fi
    eval "$PARAMETERS"
    expect "$PHASE"
    expect "$PHASE/$ROLE"
    set_defaults
}

# The digest of all files in the folder of the scripts, as host/toolkit.ts computes it.
toolkit_digest() {
    local file
    find "$HERE" -type f -printf '%P\n' | sort | while read -r file; do
        printf '%s\0' "$file"
        cat "$HERE/$file"
    done | sha256sum | cut -c 1-12
}

main "$@"
