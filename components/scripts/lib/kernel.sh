# shellcheck shell=bash
# What kubeadm's documentation asks of the kernel: forwarding, bridged packets through iptables, two modules.

configure_kernel() {
    printf 'overlay\nbr_netfilter\n' | write_file /etc/modules-load.d/pulumi-kubeadm.conf 0644 || true
    # A kernel that has them built in knows no such modules; preflight has seen that the features are there.
    modprobe -a overlay br_netfilter 2>/dev/null || true
    kernel_settings | write_file /etc/sysctl.d/90-pulumi-kubeadm.conf 0644 || true
    sysctl --quiet --load /etc/sysctl.d/90-pulumi-kubeadm.conf >&2
}

kernel_settings() {
    printf '%s = 1\n' net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables
    [[ $IPV6 != true ]] || printf '%s = 1\n' net.ipv6.conf.all.forwarding
}
