# shellcheck shell=bash
# Brings a live host to its desired state.

sync_live_firewall() {
    local members
    if [[ $FIREWALL == none || $ETCD_RUNTIME == none || -z $(active_firewalls) ]]; then
        sync_firewall
    elif members=$(etcd_members); then
        add_openings_for_undeclared_members "$members"
        sync_firewall
    else
        open_firewall
    fi
}

# Applies what needs neither a restart nor a drain.
apply_without_restart() {
    apply_load_balancer
    if runs_containerd; then
        configure_crictl
        configure_registries
    fi
}

# True on a node, and on a host with etcd in a static pod.
runs_containerd() { is_node || [[ $ROLE/$ETCD_RUNTIME == etcd/static-pod ]]; }

# A balancer in a pod needs containerd, which a failed change may have stopped.
apply_load_balancer() {
    configure_load_balancer
    if [[ -n $BALANCER_IMAGE ]] && ! systemctl --quiet is-active containerd; then configure_containerd; fi
    pull_balancer_image
    place_balancer_pods
}

# Before the next node changes, and after this one has: a balancer in a pod of this node needs the kubelet, which the change may repair.
wait_endpoint() {
    if is_node && ! api_is_down; then
        wait_for 120 "the API at $CONTROL_PLANE_ENDPOINT to answer" endpoint_is_ready
    fi
}

# Sets APISERVER_IS_DOWN on a control plane node whose kube-apiserver does not answer: the change may be what repairs it, for example a
# flag that is taken back. No drain is possible then. The node's kubelet calls that kube-apiserver, so it hears of no eviction, and
# the pods never end.
look_for_apiserver() {
    APISERVER_IS_DOWN=""
    if [[ $ROLE != control-plane ]] || holds_within 30 apiserver_is_ready; then return; fi
    log "this node's kube-apiserver does not answer; changing this node without a drain"
    APISERVER_IS_DOWN=true
}

# True where no other kube-apiserver could answer either.
api_is_down() { [[ -n $APISERVER_IS_DOWN ]] && changes_alone; }

# Restarts the kubelet and every changed static pod together: while other control plane nodes serve, this node is away for
# seconds, instead of a minute for each component.
rollout_control_plane() {
    register_again
    if [[ $ETCD_RUNTIME != kubeadm ]]; then
        rollout_etcd_access
    fi
    renew_certificates
    if rollout_is_due; then
        log "applying changes"
        fetch_kubernetes
        if ! api_is_down || etcd_is_healthy >/dev/null; then wait_healthy_etcd; fi
        if [[ -z $APISERVER_IS_DOWN ]] || apiserver_is_ready >/dev/null; then drain_node; fi
        upgrade_packages
        pull_control_plane_images
        if etcd_stops_with_kubelet; then
            move_etcd_leadership
        fi
        systemctl stop kubelet
        make_serving_certificates
        if [[ $ETCD_RUNTIME == kubeadm ]]; then
            kubeadm_init_phase etcd local
        fi
        kubeadm_init_phase control-plane all
        stop_changed_static_pods
        kubeadm_init_phase kubelet-start
        wait_controllers
    fi
    wait_control_plane
    wait_node
    # This change drained the node, or an earlier one that failed and was reverted.
    if [[ -e $STATE/cordoned ]]; then
        uncordon_node
    fi
    mark_applied
}

# A kubelet of another version must not find pods of its predecessor, so the node is drained; a changed configuration needs no
# drain.
rollout_worker() {
    register_again
    if rollout_is_due; then
        log "applying changes"
        fetch_kubernetes
        if ! kubelet_is_current; then drain_node; fi
        upgrade_packages
        quietly kubeadm upgrade node --patches "$STATE/patches" \
            ${IGNORED_PREFLIGHT_ERRORS:+"--ignore-preflight-errors=$IGNORED_PREFLIGHT_ERRORS"}
        write_kubelet_flags
        restart_kubelet
    fi
    wait_for 240 "the kubelet to be healthy" kubelet_is_healthy
    if [[ $WAIT_FOR_READY == true ]]; then
        wait_for 300 "this Node to be Ready" node_is_ready
    fi
    if [[ -e $STATE/cordoned ]]; then
        uncordon_node
    fi
    mark_applied
}

# A Node that somebody deleted, or that went while its host was kept, comes back when the kubelet starts: it registers then alone.
register_again() {
    local found
    # Not found is an answer; no answer is not.
    found=$(node_kubectl get node "$NODE_NAME" --ignore-not-found -o name 2>/dev/null) || return 0
    if [[ -n $found ]]; then return; fi
    log "this host's Node is gone; restarting the kubelet, which registers it"
    systemctl restart kubelet
    if [[ $ROLE == control-plane ]]; then
        register_control_plane
    fi
}

# kubeadm writes a worker's flags when it joins, and `kubeadm upgrade node` keeps them (kubernetes/kubeadm#1927). Those that are neither
# in KUBELET_FLAGS nor were there at the last change are kubeadm's own, and stay.
write_kubelet_flags() {
    local file=$KUBELET_FOLDER/kubeadm-flags.env ours flag flags=() text
    ours=" $KUBELET_FLAGS $(cat "$STATE/kubelet-flags" 2>/dev/null || true) "
    # shellcheck source=/dev/null
    for flag in $(source "$file" && printf '%s' "$KUBELET_KUBEADM_ARGS"); do
        if [[ $ours != *" ${flag%%=*}="* ]]; then flags+=("$flag"); fi
    done
    # Until the file is written, both the former flags and the new ones are ours.
    mark kubelet-flags "$KUBELET_FLAGS $(cat "$STATE/kubelet-flags" 2>/dev/null || true)"
    text="${flags[*]}${flags[*]:+ }$KUBELET_FLAGS"
    text=${text//\\/\\\\}
    printf 'KUBELET_KUBEADM_ARGS="%s"\n' "${text//\"/\\\"}" | write_file "$file" 0644
    mark_kubelet_flags
}

# Changes the kubelet and containerd that run the member's static pod; then the member itself.
rollout_etcd() {
    if [[ $ETCD_RUNTIME == static-pod ]] && rollout_is_due; then
        log "applying changes"
        upgrade_standalone_kubelet
        mark_applied
    fi
    etcd_rollout_member
}

upgrade_standalone_kubelet() {
    wait_spare_quorum
    record_static_pods
    rm -f "$STATE/applied"
    prepare_standalone_kubelet
    move_etcd_leadership
    restart_kubelet
    wait_for 120 "this etcd member to be healthy" etcd_is_healthy
}

# apply_without_restart has applied its whole configuration.
rollout_load_balancer() { :; }

# Removes the mark of the applied state first: if this is interrupted, the next run must not take the node for up to date, even
# when the configuration is reverted.
upgrade_packages() {
    record_static_pods
    rm -f "$STATE/applied"
    install_kubernetes
    configure_containerd
    write_kubeadm_config
}

restart_kubelet() {
    systemctl stop kubelet
    stop_changed_static_pods
    systemctl start kubelet
}

# Waits until this Node is Ready before the next one changes. The kubelet reports to the apiserver on its own node, which has just
# restarted; on a replaced machine the CNI plugin has to start first.
wait_node() {
    local ready
    ready=$(wait_for_output 60 "this node's kube-apiserver to list the Nodes" ready_conditions)
    if [[ $ready == *True* ]]; then wait_for 180 "this Node to be Ready" node_is_ready; fi
}

# For an etcd that is not kubeadm's: it reloads new certificates by itself, and a new configuration restarts the member.
rollout_etcd_access() {
    write_etcd_access
    if etcd_has_member; then
        etcd_rollout_member
    fi
    reload_etcd_ca
}
