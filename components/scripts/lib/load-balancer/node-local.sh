# shellcheck shell=bash
# A load balancer on every node: a static pod that listens on the loopback address, so that no virtual address is needed. Its
# configuration is a mounted folder, and a change is a reload within the pod: the kubelet does not restart it.

node_local_apply() {
    install -d -m 0755 "$NODE_LOCAL_FOLDER"
    dispatch NODE_LOCAL_PROXIES "$NODE_LOCAL_PROXY" node_local_configure_@
    # A new pod reads the configuration when it starts.
    if ! place_pod_if_changed load-balancer "$BALANCER_POD" && reload_is_due node-local; then
        log "reloading the node's balancer"
        # The pod may restart between the lookup of its process and the signal.
        wait_for 30 "the node's balancer to read its configuration" reload_node_local
    fi
    mark_reloaded node-local
}

node_local_configure_haproxy() {
    remove_watcher nginx-health
    write_file "$NODE_LOCAL_FOLDER/haproxy.cfg" 0644 "$(reload_mark node-local)" <<<"$HAPROXY_CONFIG"
}

node_local_configure_nginx() {
    write_file "$NODE_LOCAL_FOLDER/nginx.conf" 0644 "$(reload_mark node-local)" <<<"$NGINX_CONFIG"
    stage_health_service pod "$NODE_LOCAL_FOLDER"
    start_health_service
}

# haproxy's master process reloads on SIGUSR2, nginx on SIGHUP. A pod that does not run reads its configuration when it starts.
reload_node_local() {
    local process signal=HUP
    if [[ $NODE_LOCAL_PROXY == haproxy ]]; then signal=USR2; fi
    process=$(pod_process load-balancer) || return
    [[ -n $process ]] || return 0
    # A container that has just ended has the process 0.
    ((process > 0)) && kill -s "$signal" "$process"
}

node_local_remove() {
    [[ -e $MANIFESTS/load-balancer.yaml ]] || return 0
    runs_balancer nginx || remove_watcher nginx-health
    remove_pod load-balancer
    rm -rf "$NODE_LOCAL_FOLDER"
}
