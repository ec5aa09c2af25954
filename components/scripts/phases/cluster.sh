# shellcheck shell=bash
# Applies what belongs to the whole cluster: kubeadm's uploaded configuration, join credentials, kube-proxy, CoreDNS and the
# list of nodes. Drains and removes nodes that left the list. It runs on a control plane node that stays, so that a node that is
# powered off can be removed too.
# Prints when it ended, for the program: `finish` runs after each run of this phase.

phase_cluster() {
    load_desired_state
    apply_configuration >&2
    date +%s.%N
}

apply_configuration() {
    local config=$STATE/upload.yaml
    wait_for 120 "the API at $CONTROL_PLANE_ENDPOINT to answer" endpoint_is_ready
    wait_for 10 "the control plane nodes to be at $CONTROL_PLANE_VERSION" control_plane_is_current
    apply_corefile
    write_secret "$config" "$KUBEADM_UPLOAD"
    write_file "$STATE/patches/corednsdeployment+strategic.json" 0600 <<<"$COREDNS_PATCH"
    kubeadm_init_cluster "$config"
    rm -f "$config"
    wait_for 30 "kubeadm's own join credential to be deleted" delete_placeholder_token
    apply_kube_proxy_config
    wait_for 60 "the join credentials to be written" apply_join_tokens
    log "configuration, join credentials, CoreDNS and kube-proxy are in place"
    remove_departed_nodes
    wait_for 30 "the list of nodes to be recorded" record
    end_with_corefile
}

# True when every control plane node runs CONTROL_PLANE_VERSION. Workers are upgraded next, and a kubelet must not be newer than
# any kube-apiserver. A rollout skips a control plane node that does not answer, so one may lag behind.
control_plane_is_current() {
    local versions node version current=true
    versions=$(cluster_kubectl get nodes --selector node-role.kubernetes.io/control-plane \
        -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}') || return
    while read -r node version; do
        if contains "$node" "${NODES[@]}" && [[ $version != "v$CONTROL_PLANE_VERSION" ]]; then
            echo "$node is at $version; repair or replace it first"
            current=false
        fi
    done <<<"$versions"
    [[ $current == true ]]
}

# Restarts kube-proxy when its configuration is another one than the recorded one, because kubeadm does not. The record says `due` from
# before the restart until the end of this phase. Deletes kube-proxy when the cluster has none, which kubeadm does not do either.
apply_kube_proxy_config() {
    local recorded made
    KUBE_PROXY_DIGEST=""
    if [[ $KUBE_PROXY_ENABLED != true ]]; then
        cluster_kubectl -n kube-system delete daemonset,configmap kube-proxy --ignore-not-found >/dev/null
        return
    fi
    recorded=$(wait_for_output 30 "the API to return the recorded configuration of kube-proxy" recorded kubeProxy)
    KUBE_PROXY_DIGEST=$(wait_for_output 30 "the API to return the configuration of kube-proxy" kube_proxy_digest)
    made=$(wait_for_output 30 "the API to return the recorded list of nodes" recorded nodes)
    # A new cluster has no record.
    if [[ -n $made && $recorded != "$KUBE_PROXY_DIGEST" ]]; then
        log "restarting kube-proxy, whose configuration changed"
        wait_for 30 "the restart of kube-proxy to be recorded as due" cluster_kubectl -n kube-system patch configmap pulumi-kubeadm \
            --type merge --patch '{"data":{"kubeProxy":"due"}}'
        wait_for 30 "kube-proxy to restart" cluster_kubectl -n kube-system rollout restart daemonset kube-proxy
    fi
}

kube_proxy_digest() {
    local data
    data=$(cluster_kubectl -n kube-system get configmap kube-proxy --ignore-not-found -o jsonpath='{.data}') || return
    sha256sum <<<"$data" | cut -c 1-16
}

# recorded KEY: prints what this program has recorded in the cluster. `nodes` are those that it made; a node that joined by other means is
# never removed. The record is updated once every removal has succeeded, so the next run retries what failed.
recorded() {
    cluster_kubectl -n kube-system get configmap pulumi-kubeadm --ignore-not-found -o "jsonpath={.data.$1}"
}

record() {
    cluster_kubectl -n kube-system create configmap pulumi-kubeadm --from-literal "nodes=${NODES[*]}" \
        --from-literal "kubeProxy=$KUBE_PROXY_DIGEST" --dry-run=client -o yaml | cluster_kubectl apply -f -
}

# Stops where this step is new in the state and a recorded node is not declared: a state that took a living cluster over shows no removal
# in its preview.
require_all_nodes() {
    local node
    [[ $ACTION == create ]] || return 0
    for node in $1; do
        contains "$node" "${NODES[@]}" ||
            die "$node is a node of this cluster and not in the program, whose state does not know this cluster yet." \
                "Add it, run \"pulumi up\", then remove it"
    done
}

# Removes unreachable etcd members first: etcd refuses to remove a healthy member when the remaining healthy ones would be no quorum.
remove_departed_nodes() {
    local recorded node
    lock_changes lease
    recorded=$(wait_for_output 30 "the API to return the recorded list of nodes" recorded nodes)
    require_all_nodes "$recorded"
    wait_for 30 "the nodes that stay to be uncordoned" keep_declared_nodes
    remove_unreachable_members
    for node in $recorded; do
        if ! contains "$node" "${NODES[@]}"; then remove_node "$node"; fi
    done
    remove_superseded_members
    unlock_changes
}

# The mark of a Node that is leaving and was not cordoned before.
readonly LEAVING_KEY=pulumi-kubeadm/leaving

# Uncordons the nodes whose removal began and that are declared again.
keep_declared_nodes() {
    local leaving name
    leaving=$(cluster_kubectl get nodes -o json | jq -r --arg key "$LEAVING_KEY" '.items[].metadata | select(.annotations[$key]).name') || return
    for name in $leaving; do
        if ! contains "$name" "${NODES[@]}"; then continue; fi
        log "$name is in the program again; uncordoning it"
        cluster_kubectl uncordon "$name" >&2 || return
        cluster_kubectl annotate node "$name" "$LEAVING_KEY-" >&2 || return
    done
}

# mark_leaving NODE OBJECT
mark_leaving() {
    if [[ $(jq .spec.unschedulable <<<"$2") == true ]]; then return; fi
    cluster_kubectl annotate node "$1" --overwrite "$LEAVING_KEY=true" >&2
}

# Deletes the Node object last: if an earlier step fails, the next run still finds the node's address in it.
remove_node() {
    local node=$1 object address
    log "removing $node"
    object=$(wait_for_output 30 "the API to return the Node $node" cluster_kubectl get node "$node" --ignore-not-found -o json)
    address=$(jq -r '[.status.addresses[]? | select(.type == "InternalIP").address][0] // empty' <<<"$object")
    if [[ -n $object ]]; then
        wait_for 30 "$node to be marked" mark_leaving "$node" "$object"
        drain_removed_node "$node" "$address"
    fi
    remove_members_of "$node" "$address"
    wait_for 30 "the Node $node to be deleted" cluster_kubectl delete node "$node" --ignore-not-found
}

# Evicts the pods of a node that answers, subject to their PodDisruptionBudgets: a budget that blocks fails this step, and the node
# stays cordoned. A powered-off node never confirms that its pods have ended, so they are deleted without waiting for it.
drain_removed_node() {
    if kubelet_answers "$2"; then
        kubectl_drain "$1" --timeout "${DRAIN_TIMEOUT}s" ||
            die "$1 was not drained within ${DRAIN_TIMEOUT}s, so it was not removed; the lines above name the pods that are left." \
                "Delete them or change their PodDisruptionBudget, or set drainTimeoutSeconds; then run \"pulumi up\" again"
    else
        log "$1's kubelet does not answer; deleting the pods of $1 without waiting for their end"
        kubectl_drain "$1" --disable-eviction --grace-period 0 --timeout 10s || log "not every pod of $1 was deleted"
    fi
}

kubectl_drain() {
    kubectl --kubeconfig "$ADMIN_CONF" drain "$1" --ignore-daemonsets --delete-emptydir-data --force "${@:2}" >&2
}

kubelet_answers() { [[ -n $1 ]] && url_answers "$(etcd_url "$1" "$KUBELET_PORT")/healthz"; }

remove_unreachable_members() {
    local members
    if etcd_is_elsewhere; then return; fi
    members=$(wait_etcd_members)
    etcd_remove_unreachable "$members"
}

# remove_members_of NODE ADDRESS: removes the etcd members of that node. Without an ADDRESS, because the Node object is gone
# already, it finds them by name.
remove_members_of() {
    local members list
    if etcd_is_elsewhere; then return; fi
    members=$(wait_etcd_members)
    list=$(members_of_node "$members" "$1" "$2")
    etcd_remove_members "$list" "$1 leaves the cluster"
}

remove_superseded_members() {
    local members list
    if etcd_is_elsewhere; then return; fi
    members=$(wait_etcd_members)
    list=$(superseded_members "$members")
    etcd_remove_members "$list" "another machine has its node's name"
}
