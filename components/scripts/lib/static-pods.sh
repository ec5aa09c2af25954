# shellcheck shell=bash
# Static pods: the kubelet runs what lies in its manifests folder.

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
