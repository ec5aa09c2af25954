# shellcheck shell=bash
# kube-vip, a static pod on control plane nodes: whose node holds a lease in the cluster holds the virtual address.

kube_vip_apply() {
    local interface
    interface=$(own_interface)
    place_pod kube-vip "${BALANCER_POD//@INTERFACE@/"$interface"}" || true
}

kube_vip_remove() {
    [[ -e $MANIFESTS/kube-vip.yaml ]] || return 0
    remove_pod kube-vip
}
