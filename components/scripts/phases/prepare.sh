# shellcheck shell=bash
# Stages the desired state, then installs what a node needs and no other node waits for: packages, kernel settings, containerd,
# images, load balancer. On a live host it only stages the state and opens the firewall for new nodes; `node` does the rest.
# Prints "new", "live" or "expired" and the time on standard output, for the program: a live host changes in its turn. Hosts whose
# certificates have expired take no turns, because none of them is healthy before a majority has new ones. `node` runs again when the
# time is another one.

phase_prepare() {
    require_own_host
    stage_desired_state
    if host_joined; then
        open_firewall >&2
        log "this host is live: the step node changes it in its turn"
        if some_certificate_has_expired; then print_state expired; else print_state live; fi
        return
    fi
    {
        # The setup may write there.
        if runs_containerd; then keep_containerd; fi
        apply_setup
        # A package may have brought a firewall.
        sync_firewall
        dispatch ROLES "$ROLE" prepare_@
    } >&2
    log "prepared"
    print_state new
}

print_state() { printf '%s %s' "$1" "$(date +%s.%N)"; }

prepare_control_plane() {
    prepare_kubernetes
    pull_control_plane_images
    etcd_prepare_member
}

prepare_etcd() {
    if [[ $ETCD_RUNTIME == static-pod ]]; then
        prepare_standalone_kubelet
    fi
    etcd_prepare_member
}

prepare_worker() { prepare_kubernetes; }

prepare_kubernetes() {
    configure_kernel
    install_kubernetes
    configure_containerd
    write_kubeadm_config
    configure_load_balancer
    pull_balancer_image
}

prepare_load_balancer() {
    os_call relax_selinux
    configure_load_balancer
}
