# shellcheck shell=bash
# What belongs to the cluster and to no node: kubeadm's uploaded configuration, the join credentials, kube-proxy and
# CoreDNS, and the list of nodes. A node that left the list is drained and removed from here, by a survivor, so that a
# machine that is powered off can be removed too.
# Read: KUBEADM_UPLOAD, JOIN_TOKENS (secret; see lib/cluster/join-tokens.sh), NODES (the names that shall be), CONTROL_PLANE_VERSION,
# KUBE_PROXY (whether there is one), COREDNS_PATCH (kubeadm's, for its Deployment).

phase_cluster() {
    local config=$STATE/upload.yaml
    load_desired_state
    wait_for 120 "the API behind $CONTROL_PLANE_ENDPOINT" endpoint_is_ready
    wait_for 10 "the control plane nodes to be at $CONTROL_PLANE_VERSION" control_plane_is_current
    write_secret "$config" "$KUBEADM_UPLOAD"
    write_file "$STATE/patches/corednsdeployment+strategic.json" 0600 <<<"$COREDNS_PATCH"
    local proxy
    proxy=$(kube_proxy_config)
    kubeadm_init_cluster "$config"
    rm -f "$config"
    apply_kube_proxy_config "$proxy"
    wait_for 30 "kubeadm's own join credential to be dropped" delete_placeholder_token
    wait_for 60 "the join credentials to be written" apply_join_tokens
    log "configuration, join credentials, CoreDNS and kube-proxy are in place"
    remove_departed_nodes
    wait_for 30 "the list of nodes to be recorded" record_nodes
}

# What comes next belongs to this version, and kubelets of workers too, which must not be newer than any kube-apiserver.
# A control plane node that did not answer was passed over by the rollout.
control_plane_is_current() {
    local versions node version current=true
    versions=$(cluster_kubectl get nodes --selector node-role.kubernetes.io/control-plane \
        -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}') || return
    while read -r node version; do
        if [[ " $NODES " == *" $node "* && $version != "v$CONTROL_PLANE_VERSION" ]]; then
            echo "$node is at $version; bring it back, or take it out of the program first"
            current=false
        fi
    done <<<"$versions"
    [[ $current == true ]]
}

kube_proxy_config() { cluster_kubectl -n kube-system get configmap kube-proxy -o jsonpath='{.data}' --ignore-not-found; }

# kubeadm changes kube-proxy's configuration and leaves its pods as they are; and leaves both when it is to go.
apply_kube_proxy_config() {
    if [[ $KUBE_PROXY != true ]]; then
        cluster_kubectl -n kube-system delete daemonset,configmap kube-proxy --ignore-not-found >/dev/null
    elif [[ -n $1 && $1 != "$(kube_proxy_config)" ]]; then
        log "restarting kube-proxy, whose configuration changed"
        cluster_kubectl -n kube-system rollout restart daemonset kube-proxy >/dev/null
    fi
}

# The record says which nodes are this program's; a node that joined by other means is never touched. It is written anew
# once every removal has succeeded, so a node whose removal failed is still in it for the next run.
recorded_nodes() {
    cluster_kubectl -n kube-system get configmap pulumi-kubeadm --ignore-not-found -o 'jsonpath={.data.nodes}'
}

record_nodes() {
    cluster_kubectl -n kube-system create configmap pulumi-kubeadm --from-literal "nodes=$NODES" --dry-run=client -o yaml |
        cluster_kubectl apply -f -
}

# etcd refuses to lose a living member while, with a silent one, the rest would be no quorum; so silent ones go first.
remove_departed_nodes() {
    local recorded node
    recorded=$(wait_for_output 30 "the record of nodes" recorded_nodes)
    remove_unreachable_members
    for node in $recorded; do
        if [[ " $NODES " != *" $node "* ]]; then remove_node "$node"; fi
    done
    remove_superseded_members
}

# Its Node goes last: should anything before it fail, the next run finds its address there.
remove_node() {
    local node=$1 object address
    log "removing $node"
    object=$(wait_for_output 30 "what the API has of $node" cluster_kubectl get node "$node" --ignore-not-found -o json)
    address=$(jq -r '[.status.addresses[]? | select(.type == "InternalIP").address][0] // empty' <<<"$object")
    if [[ -n $object ]]; then
        drain_removed_node "$node" "$address" || log "$node did not drain in time; its pods are dropped with it"
    fi
    remove_members_of "$node" "$address"
    wait_for 30 "the Node $node to be deleted" cluster_kubectl delete node "$node" --ignore-not-found
}

# A machine that is off never confirms that its pods are gone, so there is nothing to wait for.
drain_removed_node() {
    local options=(--ignore-daemonsets --delete-emptydir-data --force)
    if kubelet_answers "$2"; then
        options+=(--grace-period 30 --timeout 90s)
    else
        log "$1 does not answer; its pods are removed without it"
        options+=(--disable-eviction --grace-period 0 --timeout 10s)
    fi
    timeout 120 kubectl --kubeconfig "$ADMIN_CONF" drain "$1" "${options[@]}" >&2
}

kubelet_answers() { [[ -n $1 ]] && url_answers "$(etcd_url "$1" "$KUBELET_PORT")/healthz"; }

# With etcd elsewhere no member is a control plane node's.
etcd_is_elsewhere() { [[ $ETCD_RUNTIME == none ]]; }

remove_unreachable_members() {
    local members
    if etcd_is_elsewhere; then return; fi
    members=$(wait_etcd_members)
    etcd_remove_unreachable "$members"
}

# remove_members_of NODE ADDRESS: of a node whose Node is gone already, and its address with it, by name.
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
