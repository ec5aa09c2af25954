# shellcheck shell=bash
# Static pods, kubeadm's and ours: the kubelet runs what lies in its manifests folder.

readonly MANIFESTS=/etc/kubernetes/manifests

# replace_static_pod COMPONENT PHASE…: writes the manifest; where that changed it, waits for the new pod.
replace_static_pod() {
    local component=$1 manifest=$MANIFESTS/$1.yaml before pod
    shift
    before=$(sha256sum <"$manifest")
    pod=$(static_pod "$component")
    init_phase "$@"
    [[ $(sha256sum <"$manifest") == "$before" ]] || wait_for 120 "the new $component" static_pod_is_new "$component" "$pod"
}

static_pod() { crictl pods --quiet --state Ready --name "^$1-$NODE_NAME$"; }

static_pod_is_new() {
    local pod
    pod=$(static_pod "$1")
    [[ -n $pod && $pod != "$2" ]]
}

# place_pod NAME MANIFEST: the kubelet starts it when it sees it, or replaces the one that runs.
place_pod() { write_file "$MANIFESTS/$1.yaml" 0600 <<<"$2" && log "placing the static pod $1"; }

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
