# shellcheck shell=bash
# A load balancer on every node: a static pod that listens on the loopback address, so that no virtual address is needed. Its
# configuration is a mounted folder, and a change is a reload within the pod: the kubelet does not restart it.

node_local_apply() {
    local changed=false
    install -d -m 0755 "$NODE_LOCAL_FOLDER"
    if dispatch NODE_LOCAL_PROXIES "$NODE_LOCAL_PROXY" node_local_@_if_changed; then changed=true; fi
    # A new pod reads the configuration when it starts.
    if place_pod_if_changed load-balancer "$BALANCER_POD"; then return; fi
    if [[ $changed == false ]]; then return; fi
    log "reloading the node's balancer"
    # The pod may restart between the lookup of its process and the signal.
    wait_for 30 "the node's balancer to read its configuration" reload_node_local
}

# node_local_PROXY_if_changed: writes the configuration of that proxy; true when it changed, so that the proxy must reload it.
node_local_haproxy_if_changed() {
    remove_watcher nginx-health
    write_if_changed "$NODE_LOCAL_FOLDER/haproxy.cfg" 0644 <<<"$HAPROXY_CONFIG"
}

node_local_nginx_if_changed() {
    local changed=false
    if write_if_changed "$NODE_LOCAL_FOLDER/nginx.conf" 0644 <<<"$NGINX_CONFIG"; then changed=true; fi
    stage_health_service pod "$NODE_LOCAL_FOLDER"
    start_health_service
    [[ $changed == true ]]
}

# haproxy's master process reloads on SIGUSR2, nginx on SIGHUP. A pod that does not run reads its configuration when it starts.
reload_node_local() {
    local process signal=HUP
    if [[ $NODE_LOCAL_PROXY == haproxy ]]; then signal=USR2; fi
    process=$(pod_process load-balancer) || return 0
    kill -s "$signal" "$process"
}

node_local_remove() {
    [[ -e $MANIFESTS/load-balancer.yaml ]] || return 0
    runs_balancer nginx || remove_watcher nginx-health
    remove_pod load-balancer
    rm -rf "$NODE_LOCAL_FOLDER"
}
