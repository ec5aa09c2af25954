# shellcheck shell=bash
# kubeadm's configuration, and its phases, which are called one by one.

write_kubeadm_config() {
    install -d -m 0700 "$STATE/patches"
    write_file "$KUBEADM_CONFIG_FILE" 0600 <<<"$KUBEADM_CONFIG"
    write_kubelet_patch
}

# Writes the kubeadm patch with the kubelet settings of this node, which override those of the cluster.
write_kubelet_patch() {
    local patch=$STATE/patches/kubeletconfiguration+merge.json
    if [[ -n $KUBELET_PATCH ]]; then
        write_file "$patch" 0600 <<<"$KUBELET_PATCH"
    else
        rm -f "$patch"
    fi
}

# The phases of `kubeadm init` for a node, and those for a cluster. The other phases are not used.
readonly NODE_PHASES=certs,kubeconfig,etcd,control-plane,kubelet-start
readonly CLUSTER_PHASES=upload-config,bootstrap-token,addon
readonly OTHER_PHASES=preflight,kubeconfig/super-admin,wait-control-plane,upload-certs,mark-control-plane,kubelet-finalize,show-join-command

kubeadm_init_phase() { quietly kubeadm init phase "$@" --config "$KUBEADM_CONFIG_FILE"; }

# kubeadm_init_node_without PHASES: runs the node phases except PHASES in one process, because each start of kubeadm takes 0.2 s.
kubeadm_init_node_without() { kubeadm_init_without "$CLUSTER_PHASES,$1" "$KUBEADM_CONFIG_FILE"; }

kubeadm_init_cluster() { kubeadm_init_without "$NODE_PHASES" "$1"; }

kubeadm_init_without() { quietly kubeadm init --config "$2" --skip-token-print --skip-phases "$OTHER_PHASES,$1"; }
