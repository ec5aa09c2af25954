# shellcheck shell=bash
# What belongs to the cluster and to no node: kubeadm's uploaded configuration, the join credentials, kube-proxy and
# CoreDNS, and the list of nodes. A node that left the list is drained and removed from here, by a survivor, so that a
# machine that is powered off can be removed too.
# Read: KUBEADM_UPLOAD (secret: it has the bootstrap tokens), NODES (the names that shall be), CONTROL_PLANE_VERSION, KUBE_PROXY (whether
# there is one), COREDNS_PATCH (kubeadm's, for its Deployment).

phase_cluster() {
    local config=$STATE/upload.yaml
    load_desired_state
    wait_for 120 "the API behind $CONTROL_PLANE_ENDPOINT" endpoint_is_ready
    wait_for 10 "the control plane nodes to be at $CONTROL_PLANE_VERSION" control_plane_is_current
    write_secret "$config" "$KUBEADM_UPLOAD"
    write_file "$STATE/patches/corednsdeployment+strategic.json" 0600 <<<"$COREDNS_PATCH" || true
    local proxy
    proxy=$(kube_proxy_config)
    init_cluster "$config"
    rm -f "$config"
    settle_kube_proxy "$proxy"
    log "configuration, join credentials, CoreDNS and kube-proxy are in place"
    remove_departed_nodes
    wait_for 30 "the list of nodes to be recorded" record_nodes
}

# What comes next belongs to this version, and kubelets of workers too, which must not be newer than any kube-apiserver.
# A control plane node that did not answer was passed over by the rollout.
control_plane_is_current() {
    local versions node version lagging=0
    versions=$(cluster_kubectl get nodes --selector node-role.kubernetes.io/control-plane \
        -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}') || return
    while read -r node version; do
        [[ " $NODES " == *" $node "* && $version != "v$CONTROL_PLANE_VERSION" ]] || continue
        echo "$node is at $version; bring it back, or take it out of the program first"
        lagging=1
    done <<<"$versions"
    return "$lagging"
}

kube_proxy_config() { cluster_kubectl -n kube-system get configmap kube-proxy -o jsonpath='{.data}' --ignore-not-found; }

# kubeadm changes kube-proxy's configuration and leaves its pods as they are; and leaves both when it is to go.
settle_kube_proxy() {
    if [[ $KUBE_PROXY != true ]]; then
        cluster_kubectl -n kube-system delete daemonset,configmap kube-proxy --ignore-not-found >/dev/null
    elif [[ -n $1 && $1 != "$(kube_proxy_config)" ]]; then
        log "restarting kube-proxy, whose configuration changed"
        cluster_kubectl -n kube-system rollout restart daemonset kube-proxy >/dev/null
    fi
}

# The record says which nodes are this program's; a node that joined by other means is never touched.
recorded_nodes() {
    cluster_kubectl -n kube-system get configmap pulumi-kubeadm -o 'jsonpath={.data.nodes}' 2>/dev/null || true
}

record_nodes() {
    cluster_kubectl -n kube-system create configmap pulumi-kubeadm --from-literal "nodes=$NODES" --dry-run=client -o yaml |
        cluster_kubectl apply -f -
}

remove_departed_nodes() {
    local node
    for node in $(recorded_nodes); do
        [[ " $NODES " == *" $node "* ]] || remove_node "$node"
    done
}

remove_node() {
    local node=$1 address
    log "removing $node"
    address=$(cluster_kubectl get node "$node" -o 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}' 2>/dev/null) || return 0
    drain_node "$node" "$address" || log "$node did not drain in time; its pods are dropped with it"
    remove_etcd_member "$address"
    wait_for 30 "the Node $node to be deleted" cluster_kubectl delete node "$node" --ignore-not-found
}

# A machine that is off never confirms that its pods are gone, so there is nothing to wait for.
drain_node() {
    local options=(--ignore-daemonsets --delete-emptydir-data --force)
    if curl --silent --insecure --max-time 3 --output /dev/null "https://$2:10250/healthz"; then
        options+=(--grace-period 30 --timeout 90s)
    else
        log "$1 does not answer; its pods are removed without it"
        options+=(--disable-eviction --grace-period 0 --timeout 10s)
    fi
    timeout 120 kubectl --kubeconfig "$KUBECONFIG" drain "$1" "${options[@]}" >&2
}

# With etcd elsewhere there is none: no member has a control plane node's address.
remove_etcd_member() {
    local members id
    [[ $ETCD_RUNTIME != none && -n $1 ]] || return 0
    members=$(etcd_members) || die "etcd has no quorum; its members cannot change now"
    id=$(jq -r --arg url "$(etcd_url "$1" 2380)" '.members[] | select(.peerURLs | index($url)) | .ID' <<<"$members")
    [[ -z $id ]] || etcd_remove "$id"
}
