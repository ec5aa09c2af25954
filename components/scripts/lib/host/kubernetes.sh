# shellcheck shell=bash
# kubeadm's phases, called one by one, and how to tell that what they start is well.

kubernetes_packages() {
    printf '%s\n' "kubeadm=$KUBERNETES_VERSION-*" "kubelet=$KUBERNETES_VERSION-*" "kubectl=$KUBERNETES_VERSION-*" \
        containerd.io cri-tools kubernetes-cni jq curl
    if [[ -n $NODE_PACKAGES ]]; then
        printf '%s\n' "$NODE_PACKAGES"
    fi
}

add_kubernetes_repositories() {
    add_repository kubernetes "$KUBERNETES_REPOSITORY" "$KUBERNETES_SUITE" "$KUBERNETES_KEY"
    add_repository containerd "$CONTAINERD_REPOSITORY" "$CONTAINERD_SUITE" "${CONTAINERD_KEY:-$KUBERNETES_KEY}"
}

install_kubernetes() {
    of_family relax_selinux
    if uses_binaries; then install_binaries; else install_kubernetes_packages; fi
    systemctl --quiet is-enabled kubelet || systemctl enable --quiet kubelet
}

# What cannot be had is told before anything is taken from a live node.
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
    of_family hold_packages kubeadm kubelet kubectl containerd.io
}

write_kubeadm_config() {
    install -d -m 0700 "$STATE/patches"
    write_file "$KUBEADM_CONFIG_FILE" 0600 <<<"$KUBEADM_CONFIG"
    write_kubelet_patch
}

# One node's own kubelet settings, over what the cluster has for all: kubeadm's patch of that name.
write_kubelet_patch() {
    local patch=$STATE/patches/kubeletconfiguration+merge.json
    if [[ -n $KUBELET_PATCH ]]; then
        write_file "$patch" 0600 <<<"$KUBELET_PATCH"
    else
        rm -f "$patch"
    fi
}

# What `kubeadm init` does with a node, and what with a cluster. The rest is done otherwise here, or not at all.
readonly NODE_PHASES=certs,kubeconfig,etcd,control-plane,kubelet-start
readonly CLUSTER_PHASES=upload-config,bootstrap-token,addon
readonly OTHER_PHASES=preflight,kubeconfig/super-admin,wait-control-plane,upload-certs,mark-control-plane,kubelet-finalize,show-join-command

init_phase() { quietly kubeadm init phase "$@" --config "$KUBEADM_CONFIG_FILE"; }

# The node's phases but for those given, as one process: each start of kubeadm takes a fifth of a second.
init_node_without() { init_without "$CLUSTER_PHASES,$1" "$KUBEADM_CONFIG_FILE"; }

init_cluster() { init_without "$NODE_PHASES" "$1"; }

init_without() { quietly kubeadm init --config "$2" --skip-token-print --skip-phases "$OTHER_PHASES,$1"; }

# server_at ADDRESS: kube-apiserver on that host, as host:port.
server_at() { if [[ $1 == *:* ]]; then printf '[%s]:%s' "$1" "$APISERVER_PORT"; else printf '%s:%s' "$1" "$APISERVER_PORT"; fi; }

apiserver_is_ready() {
    curl --silent --fail --max-time 2 --cacert "$PKI/ca.crt" "https://$(server_at "$NODE_ADDRESS")/readyz"
}

kubelet_is_healthy() { curl --silent --fail --max-time 2 "http://127.0.0.1:$KUBELET_HEALTH_PORT/healthz"; }

endpoint_is_ready() { curl --silent --fail --max-time 2 --cacert "$PKI/ca.crt" "https://$CONTROL_PLANE_ENDPOINT/readyz"; }

wait_control_plane() {
    wait_for 240 "the kubelet" kubelet_is_healthy
    wait_for 240 etcd etcd_is_healthy
    wait_for 240 "kube-apiserver's /readyz" apiserver_is_ready
}

wait_controllers() {
    local component
    for component in kube-controller-manager kube-scheduler; do
        wait_for 120 "$component" component_runs "$component"
    done
}

component_runs() { [[ -n $(crictl ps --quiet --name "^$1$") ]]; }

# The installed program is of the version that it shall be; a cut run may have got so far.
kubelet_stays() { [[ $(kubelet --version) == *" v$KUBERNETES_VERSION" ]]; }

# As this machine's kubelet of today has told: for some time a Node still tells of the one that had its name before.
node_is_ready() {
    [[ $(node_kubectl get node "$NODE_NAME" -o "jsonpath=$NODE_STATUS" 2>/dev/null) == "$(</etc/machine-id) v$KUBERNETES_VERSION"*" True" ]]
}

readonly NODE_STATUS='{.status.nodeInfo.machineID} {.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}'

# While a cluster is being made there is none: its CNI plugin comes when all nodes are there.
network_is_there() {
    [[ $(cluster_kubectl --server "https://$(server_at "$NODE_ADDRESS")" get nodes \
        -o 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == *True* ]]
}

cluster_kubectl() { kubectl --kubeconfig "$ADMIN_CONF" --request-timeout 10s "$@"; }

# So that it starts no pod again.
kubelet_stop() { systemctl disable --now --quiet kubelet 2>/dev/null || true; }

# Removes what kubeadm and the kubelet wrote, once the kubelet and its pods have stopped.
kubelet_remove() {
    # A volume that an administrator mounted at /var/lib/kubelet itself stays.
    unmount_all "^$KUBELET_FOLDER/"
    remove_folder "$KUBELET_FOLDER"
    rm -rf "$KUBERNETES_FOLDER" "$UNITS/kubelet.service.d" /var/log/pods /var/log/containers /root/.kube/cache
    rmdir /root/.kube 2>/dev/null || true
}

kubernetes_repositories_remove() {
    remove_repository kubernetes
    remove_repository containerd
    if [[ ${HOST_PACKAGES:-true} == true ]]; then of_family forget_lists; fi
}
