# shellcheck shell=bash
# A proxy of the node's own: a static pod that listens at the loopback, so that no virtual address is needed. Its
# configuration is a mounted folder; a change of it is a reload within the pod, and the kubelet has no part in it.

readonly NODE_LOCAL_FOLDER=/etc/kubernetes/load-balancer

node_local_apply() {
    local changed=1
    install -d -m 0755 "$NODE_LOCAL_FOLDER"
    "node_local_$NODE_LOCAL_PROXY" && changed=0
    if place_pod load-balancer "$BALANCER_POD" || ((changed)); then return; fi
    log "reloading the node's balancer"
    # Between the look and the signal the pod may have been started anew.
    wait_for 30 "the node's balancer to read its configuration" reload_node_local
}

# True when the proxy must read its configuration again.
node_local_haproxy() {
    remove_watcher nginx-health
    write_file "$NODE_LOCAL_FOLDER/haproxy.cfg" 0644 <<<"$HAPROXY_CONFIG"
}

node_local_nginx() {
    local changed=1
    write_file "$NODE_LOCAL_FOLDER/nginx.conf" 0644 <<<"$NGINX_CONFIG" && changed=0
    stage_health_service pod "$NODE_LOCAL_FOLDER"
    start_health_service
    return "$changed"
}

# haproxy's master takes SIGUSR2 for it, nginx's SIGHUP. A pod that does not run reads it when it starts.
reload_node_local() {
    local process signal=HUP
    [[ $NODE_LOCAL_PROXY == nginx ]] || signal=USR2
    process=$(pod_process load-balancer) || return 0
    kill -s "$signal" "$process"
}

node_local_remove() {
    [[ -e $MANIFESTS/load-balancer.yaml ]] || return 0
    has_part nginx || remove_watcher nginx-health
    remove_pod load-balancer
    rm -rf "$NODE_LOCAL_FOLDER"
}
