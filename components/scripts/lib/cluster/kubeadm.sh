# shellcheck shell=bash
# kubeadm's configuration, and its phases, which are called one by one.

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

kubeadm_init_phase() { quietly kubeadm init phase "$@" --config "$KUBEADM_CONFIG_FILE"; }

# The node's phases but for those given, as one process: each start of kubeadm takes a fifth of a second.
kubeadm_init_node_without() { kubeadm_init_without "$CLUSTER_PHASES,$1" "$KUBEADM_CONFIG_FILE"; }

kubeadm_init_cluster() { kubeadm_init_without "$NODE_PHASES" "$1"; }

kubeadm_init_without() { quietly kubeadm init --config "$2" --skip-token-print --skip-phases "$OTHER_PHASES,$1"; }
