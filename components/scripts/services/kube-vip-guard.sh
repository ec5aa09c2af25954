#!/usr/bin/env bash
# kube-vip asks its own node's kube-apiserver, so when that dies alone it cannot give its lease back: the others wait for
# the lease to run out, 5 to 15 s with kube-vip's own figures. While this node holds the address, this looks at the
# node's apiserver; when it is gone, it takes the lease from this node through another node's, and lets the address go.
# Any other kube-vip takes both at its next look. kube-vip-guard.sh FILE-OF-SETTINGS
set -euo pipefail

readonly FALL=2

main() {
    local pause=1 bad=0
    read_settings "$1"
    while sleep "$pause"; do
        if ! holds_address; then
            pause=1 bad=0
            continue
        fi
        pause=0.3
        look
        if ((bad >= FALL)) && give_lease_up; then
            drop_address
            pause=1 bad=0
        fi
    done
}

read_settings() {
    local key value
    while IFS='=' read -r key value; do declare -g "$key=$value"; done <"$1"
}

holds_address() { ip -o address show to "$VIRTUAL_ADDRESS" | grep -q .; }

# A refused connection (7) is the word of a process that is gone; anything else may have been a moment.
look() {
    local code=0
    curl --silent --fail --insecure --max-time 1 --output /dev/null https://127.0.0.1:6443/readyz || code=$?
    case $code in
        0) bad=0 ;;
        7) bad=$FALL ;;
        *) ((++bad)) ;;
    esac
}

# True once a peer's apiserver says that this node has the lease no more; with nobody to ask, the address is as well here
# as anywhere.
give_lease_up() {
    local peer
    for peer in $PEERS; do
        # A lease that is another's by now is left to it.
        if patch_lease "$peer"; then
            echo "kube-apiserver does not answer here: the address is given up, by way of $peer" >&2
            return
        fi
    done
    return 1
}

patch_lease() {
    local host=$1 path=/spec/holderIdentity patch
    [[ $host != *:* ]] || host="[$host]"
    patch='[{"op": "test", "path": "'$path'", "value": "'$NODE_NAME'"}, {"op": "remove", "path": "'$path'"}]'
    kubectl --kubeconfig /etc/kubernetes/admin.conf --server "https://$host:6443" --request-timeout 2s \
        --namespace kube-system patch lease plndr-cp-lock --type json --patch "$patch" >/dev/null 2>&1
}

# kube-vip takes the address away as it ends; the kubelet starts it anew, and without an apiserver here it gets no lease.
drop_address() { pkill -TERM --full '^/kube-vip manager' || true; }

main "$@"
