# shellcheck shell=bash
# kube-vip, a static pod on control plane nodes: whose node holds a lease in the cluster holds the virtual address. A
# service of ours beside it (services/kube-vip-guard.sh) moves the address at once when the holder's kube-apiserver dies.

kube_vip_apply() {
    local interface changed=1
    interface=$(own_interface)
    place_pod kube-vip "${BALANCER_POD//@INTERFACE@/"$interface"}" || true
    # A node alone has nobody to give the address to.
    if [[ -z $KUBE_VIP_PEERS ]]; then
        remove_watcher kube-vip-guard
        return
    fi
    stage_watcher kube-vip-guard <<CONF && changed=0
NODE_NAME=$NODE_NAME
VIRTUAL_ADDRESS=$VIRTUAL_ADDRESS
PEERS=$KUBE_VIP_PEERS
CONF
    start_watcher kube-vip-guard "Gives kube-vip's address up when this node's kube-apiserver is gone" "$changed"
}

kube_vip_remove() {
    remove_watcher kube-vip-guard
    [[ -e $MANIFESTS/kube-vip.yaml ]] || return 0
    remove_pod kube-vip
}
