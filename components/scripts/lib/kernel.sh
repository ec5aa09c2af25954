# shellcheck shell=bash
# What kubeadm's documentation asks of the kernel: forwarding, bridged packets through iptables, two modules.

configure_kernel() {
    printf 'overlay\nbr_netfilter\n' | write_file /etc/modules-load.d/pulumi-kubeadm.conf 0644 || true
    # A kernel that has them built in knows no such modules; preflight has seen that the features are there.
    modprobe -a overlay br_netfilter 2>/dev/null || true
    write_file /etc/sysctl.d/90-pulumi-kubeadm.conf 0644 <<'CONF' || true
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
CONF
    sysctl --quiet --load /etc/sysctl.d/90-pulumi-kubeadm.conf >&2
}
