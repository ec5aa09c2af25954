# shellcheck shell=bash
# Static pods of ours, beside kubeadm's.

readonly MANIFESTS=/etc/kubernetes/manifests

# place_pod NAME MANIFEST: the kubelet starts it when it sees it, or replaces the one that runs. It takes any file in that
# folder for a pod, a half-written one too, unless its name begins with a dot.
place_pod() {
    local hidden=$MANIFESTS/.$1.yaml
    ! cmp -s "$MANIFESTS/$1.yaml" <(printf '%s\n' "$2") || return 1
    log "placing the static pod $1"
    write_file "$hidden" 0600 <<<"$2" || true
    mv -f "$hidden" "$MANIFESTS/$1.yaml"
}

remove_pod() {
    [[ -e $MANIFESTS/$1.yaml ]] || return 0
    log "removing the static pod $1"
    rm -f "$MANIFESTS/$1.yaml"
    wait_for 60 "the end of $1" pod_is_gone "$1"
}

pod_is_gone() { [[ -z $(crictl pods --quiet --state Ready --name "^$1-$NODE_NAME$") ]]; }

# pod_process CONTAINER: the host's number of its first process; false when none runs.
pod_process() {
    local container
    container=$(crictl ps --quiet --state Running --name "^$1$" | head -n 1)
    [[ -n $container ]] && crictl inspect --output go-template --template '{{.info.pid}}' "$container"
}
