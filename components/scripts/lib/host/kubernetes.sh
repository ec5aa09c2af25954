# shellcheck shell=bash
# Installs and removes the programs of Kubernetes: kubeadm, kubelet, kubectl and containerd.

# The packages that have Kubernetes' version. A host with etcd alone has the kubelet for its static pod.
pinned_packages() {
    lines "kubelet=$KUBERNETES_VERSION-*"
    if [[ $ROLE != etcd ]]; then lines "kubeadm=$KUBERNETES_VERSION-*" "kubectl=$KUBERNETES_VERSION-*"; fi
}

kubernetes_packages() {
    pinned_packages
    lines containerd.io cri-tools kubernetes-cni jq curl "${NODE_PACKAGES[@]}"
}

add_kubernetes_repositories() {
    add_repository kubernetes "$KUBERNETES_REPOSITORY" "$KUBERNETES_SUITE" "$KUBERNETES_KEY"
    add_repository containerd "$CONTAINERD_REPOSITORY" "$CONTAINERD_SUITE" "${CONTAINERD_KEY:-$KUBERNETES_KEY}"
}

install_kubernetes() {
    # The package brings configuration of its own.
    keep_containerd
    os_call relax_selinux
    if uses_binaries; then install_binaries; else install_kubernetes_packages; fi
    systemctl --quiet is-enabled kubelet || systemctl enable --quiet kubelet
}

# Downloads everything before a live node changes, so that a download that fails leaves the node as it is.
fetch_kubernetes() {
    local packages
    if uses_binaries; then
        fetch_binaries
    else
        add_kubernetes_repositories
        mapfile -t packages < <(kubernetes_packages)
        fetch_packages "${packages[@]}"
    fi
}

install_kubernetes_packages() {
    local packages
    add_kubernetes_repositories
    mapfile -t packages < <(kubernetes_packages && load_balancer_packages)
    install_packages "${packages[@]}"
    os_call hold_packages kubeadm kubelet kubectl containerd.io
}

# True when the installed kubelet has the desired version; an interrupted run may have installed it.
kubelet_is_current() { [[ $(kubelet --version) == *" v$KUBERNETES_VERSION" ]]; }

# Stops the kubelet for good, so that it restarts no pod.
kubelet_stop() { systemctl disable --now --quiet kubelet 2>/dev/null || true; }

# Removes what kubeadm and the kubelet wrote, once the kubelet and its pods have stopped.
kubelet_remove() {
    # A volume that an administrator mounted at /var/lib/kubelet itself stays.
    unmount_all "$KUBELET_FOLDER/"
    remove_folder "$KUBELET_FOLDER"
    remove_folder "$KUBERNETES_FOLDER"
    remove_folder /var/log/pods
    rm -f "$UNITS/kubelet.service.d/20-standalone.conf"
    # Packages have theirs elsewhere.
    if [[ -d $BINARY_STORE ]]; then rm -f "$UNITS/kubelet.service.d/10-kubeadm.conf"; fi
    rmdir "$UNITS/kubelet.service.d" 2>/dev/null || true
    rm -rf /var/log/containers /root/.kube/cache
    rmdir /root/.kube 2>/dev/null || true
}

kubernetes_repositories_remove() {
    remove_repository kubernetes
    remove_repository containerd
    if [[ $HOST_PACKAGES == true ]]; then os_call delete_package_lists; fi
}
