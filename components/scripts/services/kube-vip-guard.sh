#!/usr/bin/env bash
# Moves the virtual address when only the kube-apiserver of its node dies. kube-vip talks to its own node's kube-apiserver, so
# it cannot release its lease then: the other nodes wait for the lease to expire, 5 to 15 s by kube-vip's defaults. While this
# node holds the address, this service probes the node's apiserver. When the apiserver is gone, the service removes this node
# from the lease through another node's apiserver, and stops kube-vip here, which drops the address. Another kube-vip then
# takes the lease and the address at its next attempt.
# Usage: kube-vip-guard.sh FILE-OF-SETTINGS
set -euo pipefail

readonly FALL=2

main() {
    local pause=1 failures=0
    read_settings "$1"
    while sleep "$pause"; do
        if ! holds_address; then
            pause=1 failures=0
            continue
        fi
        pause=0.3
        probe_apiserver
        if ((failures >= FALL)) && release_lease; then
            stop_kube_vip
            pause=1 failures=0
        fi
    done
}

read_settings() {
    local key value
    while IFS='=' read -r key value; do declare -g "$key=$value"; done <"$1"
}

holds_address() { [[ -n $(ip -o address show to "$VIRTUAL_ADDRESS") ]]; }

# Counts failures. A refused connection (curl's exit code 7) means that the process is gone; any other failure may be momentary.
probe_apiserver() {
    local code=0
    curl --silent --fail --insecure --max-time 1 --output /dev/null https://127.0.0.1:6443/readyz || code=$?
    case $code in
        0) failures=0 ;;
        7) failures=$FALL ;;
        *) failures=$((failures + 1)) ;;
    esac
}

# True once another node's apiserver confirms that this node no longer holds the lease. Where no apiserver answers, the address
# stays here: it would be of no more use on another node.
release_lease() {
    local peer
    for peer in $PEERS; do
        # The patch fails when another node holds the lease by now.
        if patch_lease "$peer"; then
            echo "kube-apiserver on this host does not answer: released the virtual address through kube-apiserver at $peer" >&2
            return
        fi
    done
    return 1
}

patch_lease() {
    local host=$1 path=/spec/holderIdentity patch
    if [[ $host == *:* ]]; then host="[$host]"; fi
    patch='[{"op": "test", "path": "'$path'", "value": "'$NODE_NAME'"}, {"op": "remove", "path": "'$path'"}]'
    kubectl --kubeconfig /etc/kubernetes/admin.conf --server "https://$host:6443" --request-timeout 2s \
        --namespace kube-system patch lease plndr-cp-lock --type json --patch "$patch" >/dev/null 2>&1
}

# kube-vip removes the address when it exits. The kubelet restarts it, and without an apiserver here it does not get the lease.
stop_kube_vip() { pkill -TERM --full '^/kube-vip manager' || true; }

main "$@"
