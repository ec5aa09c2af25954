# shellcheck shell=bash
# Releases a host that left the program: it becomes what it was before the first `up`. Removes what the other phases
# made, and nothing else; running it on a clean host, or twice, changes nothing.

phase_release() {
    if [[ ! -d $STATE ]]; then
        rm -f "$HOST_LOCK"
        log "this host has nothing of this cluster"
        return
    fi
    local reason
    reason=$(release_refusal)
    if [[ -n $reason ]]; then
        log "warning: this host is left as it is: $reason"
        return
    fi
    # Only passwords were staged: what runs on this host is not ours.
    if [[ ! -r $IDENTITY && ! -r $STATE/desired.env && ! -e $STATE/joined ]]; then
        rm -rf "$STATE" "$HERE" "$HOST_LOCK"
        log "released; nothing was installed here"
        return
    fi
    if [[ -r $STATE/desired.env ]]; then
        # shellcheck source=/dev/null
        source "$STATE/desired.env"
    fi
    # A host that is declared again after an interrupted release is not up to date.
    rm -f "$STATE"/{applied,etcd-applied}
    remove_everything
    systemctl daemon-reload
    systemctl reset-failed
    # The identity and the desired state say what this host is and has, so they are deleted last: the next run then finishes a release
    # that was killed.
    rm -f "$STATE/joined"
    find "$STATE" -mindepth 1 ! -path "$STATE/desired.env" ! -path "$IDENTITY" -delete
    rm -rf "$STATE" "$HERE" "$HOST_LOCK"
    log "released"
}

# Users before what they use: the kubelet starts pods, pods run in containerd, packages bring the programs.
remove_everything() {
    etcd_leave
    log "stopping this host's services and pods"
    kubelet_stop
    load_balancer_remove
    watchers_remove
    pods_remove
    etcd_remove
    containerd_remove
    virtual_address_remove
    kubelet_remove
    pod_network_remove
    firewall_remove
    kernel_remove
    setup_remove
    binaries_remove
    packages_remove
    restore_links
    containerd_restore
    etcd_user_remove
    kubernetes_repositories_remove
    selinux_remove
}
