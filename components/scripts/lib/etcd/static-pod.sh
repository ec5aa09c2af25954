# shellcheck shell=bash
# An etcd member as a static pod: of the node's own kubelet, or of a standalone kubelet without an API server (kubernetes.io, "Set up
# a High Availability etcd Cluster with kubeadm").

start_member_static_pod() {
    write_file "$MANIFESTS/etcd.yaml" 0600 <<<"$ETCD_POD"
    # On a control plane node kubeadm starts the kubelet.
    if [[ $ROLE == etcd ]]; then
        systemctl restart kubelet
    fi
}

restart_member_static_pod() {
    local pod
    pod=$(static_pod etcd)
    if write_if_changed "$MANIFESTS/etcd.yaml" 0600 <<<"$ETCD_POD"; then
        wait_for 120 "the new etcd pod to run" etcd_pod_is_new "$pod"
    fi
}

etcd_pod_is_new() {
    local pod
    pod=$(static_pod etcd)
    [[ -n $pod && $pod != "$1" ]]
}

prepare_standalone_kubelet() {
    keep_containerd
    if uses_binaries; then install_binaries; else install_kubelet_packages; fi
    configure_containerd
    write_file "$KUBELET_FOLDER/config.yaml" 0600 <<<"$KUBELET_CONFIG"
    write_file "$UNITS/kubelet.service.d/20-standalone.conf" 0644 <<UNIT
[Service]
ExecStart=
ExecStart=$(kubelet_program) --config=$KUBELET_FOLDER/config.yaml --hostname-override=$NODE_NAME
UNIT
    systemctl daemon-reload
    systemctl --quiet is-enabled kubelet || systemctl enable --quiet kubelet
}

install_kubelet_packages() {
    add_kubernetes_repositories
    install_packages "$(pinned_packages)" containerd.io cri-tools
    os_call hold_packages kubelet containerd.io
}
