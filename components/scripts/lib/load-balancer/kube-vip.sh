# shellcheck shell=bash
# kube-vip, a static pod on control plane nodes: the node that holds a lease in the cluster holds the virtual address. A
# service of ours (services/kube-vip-guard.sh) moves the address at once when the kube-apiserver of its holder dies.

kube_vip_apply() {
    local interface
    interface=$(own_interface)
    place_pod kube-vip "${BALANCER_POD//@INTERFACE@/"$interface"}"
    # A single node has no other node to give the address to.
    if ((${#KUBE_VIP_PEERS[@]} == 0)); then
        remove_watcher kube-vip-guard
        return
    fi
    stage_watcher kube-vip-guard <<<"$(kube_vip_guard_settings)"
    start_watcher kube-vip-guard "Gives kube-vip's address up when this node's kube-apiserver is gone"
}

kube_vip_guard_settings() {
    cat <<CONF
NODE_NAME=$NODE_NAME
VIRTUAL_ADDRESS=$VIRTUAL_ADDRESS
PEERS=${KUBE_VIP_PEERS[*]}
CONF
}

kube_vip_remove() {
    remove_watcher kube-vip-guard
    [[ -e $MANIFESTS/kube-vip.yaml ]] || return 0
    remove_pod kube-vip
}
