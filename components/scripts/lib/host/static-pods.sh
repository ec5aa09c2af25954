# shellcheck shell=bash
# Static pods, kubeadm's and ours: the kubelet runs the manifests in its folder.

# A kubelet that sees a changed manifest stops the old pod with a grace period of 30 s and waits for the API in between. A kubelet of
# another version does so with every static pod, because it computes other UIDs for them, and starts the new pods while the old ones
# still run. So before manifests or the kubelet change, the kubelet is stopped; the changed pods are stopped here; and the kubelet
# then only has pods to start.

# Records the running pods before a change. The record of an interrupted run is still valid.
record_static_pods() {
    [[ ! -e $STATE/static-pods ]] || return 0
    static_pods_state | write_file "$STATE/static-pods" 0600
}

# Prints the kubelet's version and the checksums of the manifests.
static_pods_state() {
    kubelet --version
    if [[ -d $MANIFESTS ]]; then find "$MANIFESTS" -maxdepth 1 -name '[!.]*.yaml' -exec sha256sum {} +; fi
}

# Call it while the kubelet is stopped. Stops etcd last, after its clients.
stop_changed_static_pods() {
    local changed name end ends=() failed=""
    changed=$(changed_static_pods)
    for name in $changed; do
        [[ $name != etcd ]] || continue
        wait_for 60 "the static pod $name to end" stop_static_pod "$name" &
        ends+=("$!")
    done
    for end in "${ends[@]}"; do wait "$end" || failed=true; done
    [[ -z $failed ]] || die "a static pod could not be stopped; see the error above"
    if grep -qx etcd <<<"$changed"; then
        wait_for 60 "the static pod etcd to end" stop_static_pod etcd
    fi
    rm -f "$STATE/static-pods"
}

changed_static_pods() {
    local before=$STATE/static-pods version file
    version=$(kubelet --version)
    for file in "$MANIFESTS"/*.yaml; do
        [[ -e $file ]] || continue
        if grep -qxF "$version" "$before" && grep -qxF "$(sha256sum "$file")" "$before"; then continue; fi
        basename "$file" .yaml
        # Without its etcd kube-apiserver would hang, and the kubelet with it.
        if [[ $file == */etcd.yaml ]]; then
            echo kube-apiserver
        fi
    done | sort -u
}

# Stops with a short timeout: kube-apiserver rejects new requests at once and would only wait for watches, which their clients reopen
# at another node.
stop_static_pod() {
    local pod containers
    pod=$(static_pod "$1") || return
    [[ -n $pod ]] || return 0
    containers=$(crictl ps --quiet --pod "$pod") || return
    if [[ -n $containers ]]; then xargs crictl stop --timeout 10 <<<"$containers" >/dev/null || return; fi
    crictl stopp "$pod" >/dev/null
}

# crictl takes a regular expression, in which a dot of the name would stand for any character.
static_pod() { crictl pods --quiet --state Ready --name "^$1-${NODE_NAME//./\\.}$"; }

# place_pod NAME MANIFEST: the kubelet starts the pod, or replaces the one that runs.
place_pod() { place_pod_if_changed "$@" || true; }

# place_pod_if_changed NAME MANIFEST: the same; true when the manifest changed.
place_pod_if_changed() {
    write_if_changed "$MANIFESTS/$1.yaml" 0600 <<<"$2" || return 1
    log "placing the static pod $1"
}

remove_pod() {
    [[ -e $MANIFESTS/$1.yaml ]] || return 0
    log "removing the static pod $1"
    rm -f "$MANIFESTS/$1.yaml"
    wait_for 60 "the static pod $1 to end" pod_is_gone "$1"
}

# A containerd that is slow does not say that the pod is gone; one that does not run cannot be asked.
pod_is_gone() {
    local pod
    if pod=$(static_pod "$1"); then [[ -z $pod ]]; else ! systemctl --quiet is-active containerd; fi
}

# pod_process CONTAINER: prints the host's process id of its first process; nothing when it does not run.
pod_process() {
    local containers
    containers=$(crictl ps --quiet --state Running --name "^$1$") || return
    [[ -n $containers ]] || return 0
    crictl inspect --output go-template --template '{{.info.pid}}' "${containers%%$'\n'*}"
}
