# shellcheck shell=bash
# LVS on a dedicated host of the load balancer: the kernel (IPVS) passes packets on to the kube-apiservers that keepalived lists.

# The second is the scheduler: the kube-apiserver with the fewest connections gets the next one (weighted least connections).
readonly IPVS_MODULES=(ip_vs ip_vs_wlc)
readonly LVS_MODULES=/etc/modules-load.d/pulumi-kubeadm-lvs.conf LVS_SETTINGS=/etc/sysctl.d/90-pulumi-kubeadm-lvs.conf

# Of the kernel alone: keepalived lists the kube-apiservers by itself.
lvs_packages() { :; }

# The settings exist once the module is loaded; at boot systemd loads modules first.
lvs_apply() {
    printf '%s\n' "${IPVS_MODULES[@]}" | write_file "$LVS_MODULES" 0644
    # Fails on a kernel that has them built in, so the result is ignored.
    modprobe -a "${IPVS_MODULES[@]}" 2>/dev/null || true
    # A client of a kube-apiserver that left the list hears of it, as from haproxy; by default its packets would be dropped.
    printf 'net.ipv4.vs.expire_nodest_conn = 1\n' | write_file "$LVS_SETTINGS" 0644
    sysctl --quiet --load "$LVS_SETTINGS" >&2
}

# As kernel_remove: what is in force stays until the host restarts.
lvs_remove() { rm -f "$LVS_MODULES" "$LVS_SETTINGS"; }
