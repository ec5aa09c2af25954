# shellcheck shell=bash
# Makes a prepared host a node of the cluster, or an etcd member.

readonly SUPER_ADMIN=$STATE/super-admin

# Control plane nodes bootstrap in parallel: the CAs exist before, so no node waits for the secrets of another.
bootstrap_control_plane() {
    rm -rf "$SUPER_ADMIN"
    write_pki
    prepare_named_certificates
    kubeadm_init_node_without etcd,control-plane,kubelet-start
    use_kubelet_certificate_file
    # The load balancer's pods start with the kubelet, because kube-proxy and admin.conf use the endpoint.
    place_balancer_pods
    start_etcd
    if [[ $ETCD_STATE == existing || $ETCD_STATE == kept ]]; then
        # A learner serves no client requests, so it is promoted before kube-apiserver starts.
        kubeadm_init_node_without certs,kubeconfig,control-plane
        etcd_promote
        kubeadm_init_phase control-plane all
    else
        kubeadm_init_node_without certs,kubeconfig
    fi
    wait_control_plane
    if [[ $ETCD_STATE != elsewhere ]]; then
        mark_etcd_ran
    fi
    if etcd_has_member; then
        mark_etcd_applied
    fi
    log "kube-apiserver is ready"
    register_control_plane
    mark_certificates
    mark_etcd_layout
    mark_network
    mark_applied
}

write_pki() {
    install -d -m 0755 "$PKI"
    write_file "$PKI/ca.crt" 0644 <<<"$PKI_CA_CERT"
    write_file "$PKI/front-proxy-ca.crt" 0644 <<<"$PKI_FRONT_PROXY_CA_CERT"
    write_secret "$PKI/ca.key" "$PKI_CA_KEY"
    write_secret "$PKI/front-proxy-ca.key" "$PKI_FRONT_PROXY_CA_KEY"
    write_secret "$PKI/sa.key" "$PKI_SA_KEY"
    write_etcd_access
    openssl pkey -in "$PKI/sa.key" -pubout | write_file "$PKI/sa.pub" 0600
}

# Starts kubeadm's etcd member or ours; where etcd runs on other hosts, waits for it.
start_etcd() {
    case $ETCD_RUNTIME in
        kubeadm) start_kubeadm_member ;;
        none)
            wait_for 120 "etcd at ${ETCD_ENDPOINTS[*]} to be healthy" etcd_is_healthy
            ETCD_STATE=elsewhere
            ;;
        *) etcd_start_member ;;
    esac
}

bootstrap_etcd() {
    etcd_start_member
    etcd_promote
    wait_for 120 "$(etcd_wait_text "this etcd member")" etcd_is_healthy
    mark_etcd_ran
    mark_etcd_applied
    mark_etcd_layout
    mark_applied
}

# A kubeadm patch adds this member's initial-cluster flags to its manifest, because the uploaded configuration is shared by all
# nodes. The patch stays, so that a rollout writes the same manifest and does not restart etcd.
start_kubeadm_member() {
    etcd_choose_join_mode "$ETCD_DATA"
    log "etcd member: $ETCD_STATE"
    if [[ $ETCD_STATE != kept ]]; then
        printf '%s\n' "--initial-cluster=$ETCD_INITIAL_CLUSTER" "--initial-cluster-state=$ETCD_STATE" \
            "--initial-cluster-token=$CLUSTER_ID" |
            jq --raw-input --slurp 'split("\n")[:-1] | map({op: "add", path: "/spec/containers/0/command/-", value: .})' |
            write_file "$STATE/patches/etcd+json.json" 0600
    fi
}

# Gives the group kubeadm:cluster-admins, which kubeadm's admin.conf belongs to, its role. The call needs super-admin.conf
# (group system:masters, which RBAC cannot restrict), so that file exists for this one call, in a private directory. The
# subshell removes the directory when it exits, after a failure or a signal too; after a SIGKILL the next run or `release` does.
bind_cluster_admins() (
    trap 'rm -rf "$SUPER_ADMIN"' EXIT
    install -d -m 0700 "$SUPER_ADMIN"
    kubeadm_init_phase kubeconfig super-admin --kubeconfig-dir "$SUPER_ADMIN"
    wait_for 60 "the cluster-admins role binding to exist" admin_binding_exists \
        kubectl --kubeconfig "$SUPER_ADMIN/super-admin.conf" --server "https://$(apiserver_endpoint "$NODE_ADDRESS")" --request-timeout 10s
)

# The first control plane node creates it; the others find it.
admin_binding_exists() {
    "$@" create clusterrolebinding kubeadm:cluster-admins --clusterrole=cluster-admin --group=kubeadm:cluster-admins >/dev/null 2>&1 ||
        "$@" get clusterrolebinding kubeadm:cluster-admins >/dev/null
}

# Moves the kubelet's client certificate from its kubeconfig to the file that the kubelet renews. kubeadm's kubelet-finalize phase
# does this after the first start and restarts the kubelet; done before the first start, it needs no restart.
use_kubelet_certificate_file() {
    local conf=$KUBELET_CONF folder=$KUBELET_FOLDER/pki current pem
    grep -q client-certificate-data "$conf" || return 0
    current=$folder/kubelet-client-current.pem
    pem=kubelet-client-$(date -u +%Y-%m-%d-%H-%M-%S).pem
    install -d -m 0755 "$folder"
    sed -nE 's/^ *client-(certificate|key)-data: //p' "$conf" | base64 --decode | write_file "$folder/$pem" 0600
    ln -sfn "$folder/$pem" "$current"
    sed -i -E "s#client-(certificate|key)-data: .*#client-\\1: $current#" "$conf"
}

bootstrap_worker() {
    local credentials=$STATE/bootstrap-kubelet.conf
    find_join_server
    log "joining $JOIN_SERVER"
    write_join_credentials "$credentials"
    # An interrupted join leaves files and a running kubelet, which kubeadm's preflight refuses. This host has not joined, so
    # nothing is lost.
    systemctl stop kubelet
    rm -f "$KUBERNETES_FOLDER/bootstrap-kubelet.conf" "$KUBELET_CONF" "$PKI/ca.crt" "$MANIFESTS/load-balancer.yaml"
    wait_for 90 "the kubelet of the former machine to be gone" node_is_not_ready "$credentials"
    with_last_errors quietly kubeadm join --config "$KUBEADM_CONFIG_FILE"
    rm -f "$credentials"
    wait_for 120 "the kubelet to be healthy" kubelet_is_healthy
    if runs_balancer node-local; then
        use_node_local_balancer
    fi
    mark_kubelet_flags
    mark_applied
}

# node_is_not_ready KUBECONFIG: true when no Node of this name is Ready, because kubeadm does not join beside one. A kubelet that has ended, of
# a machine that this one replaces or of an interrupted join, counts as Ready for up to 50 s (--node-monitor-grace-period).
node_is_not_ready() {
    local ready
    ready=$(kubectl --kubeconfig "$1" --request-timeout 10s get node "$NODE_NAME" --ignore-not-found \
        -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') || return
    if [[ $ready == True ]]; then
        echo "the Node $NODE_NAME is Ready: another machine of that name is in the cluster. Power it off, or give this one another name"
        return 1
    fi
}

# Switches the kubelet to the load balancer on its own node. A kubelet starts no static pod before it has joined, so the node joins
# at the address of a control plane node.
use_node_local_balancer() {
    place_balancer_pods
    wait_for 120 "this node's own balancer at $CONTROL_PLANE_ENDPOINT to answer" endpoint_is_ready
    sed -i "s|server: https://.*|server: https://$CONTROL_PLANE_ENDPOINT|" "$KUBELET_CONF"
    systemctl restart kubelet
    wait_for 120 "the kubelet to be healthy" kubelet_is_healthy
}

# Sets JOIN_SERVER: the endpoint, or, with a load balancer on every node, the first control plane node that answers.
find_join_server() {
    local address
    JOIN_SERVER=$CONTROL_PLANE_ENDPOINT
    runs_balancer node-local || return 0
    wait_for 120 "a kube-apiserver at any of ${CONTROL_PLANE_ADDRESSES[*]} to be ready" any_apiserver_is_ready
    for address in "${CONTROL_PLANE_ADDRESSES[@]}"; do
        JOIN_SERVER=$(apiserver_endpoint "$address")
        if apiserver_at_is_ready "$JOIN_SERVER"; then return; fi
    done
    die "no kube-apiserver answers at any of ${CONTROL_PLANE_ADDRESSES[*]}"
}

any_apiserver_is_ready() {
    local address
    for address in "${CONTROL_PLANE_ADDRESSES[@]}"; do
        if apiserver_at_is_ready "$(apiserver_endpoint "$address")"; then return; fi
    done
    return 1
}

apiserver_at_is_ready() { curl --silent --fail --max-time 2 --cacert <(printf '%s\n' "$PKI_CA_CERT") "https://$1/readyz"; }

# Writes the token to a file, because `kubectl config set-credentials --token` would show it in `ps`.
write_join_credentials() {
    local ca
    ca=$(base64 --wrap 0 <<<"$PKI_CA_CERT")
    jq -n --arg server "https://$JOIN_SERVER" --arg ca "$ca" --rawfile token <(printf '%s' "$BOOTSTRAP_TOKEN") '{
        apiVersion: "v1", kind: "Config", "current-context": "bootstrap",
        clusters: [{name: "kubernetes", cluster: {server: $server, "certificate-authority-data": $ca}}],
        users: [{name: "bootstrap", user: {token: $token}}],
        contexts: [{name: "bootstrap", context: {cluster: "kubernetes", user: "bootstrap"}}]
    }' | write_file "$1" 0600
}

# `prepare` has started it: a load balancer waits for nothing else.
bootstrap_load_balancer() { :; }
