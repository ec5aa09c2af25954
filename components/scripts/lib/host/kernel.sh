# shellcheck shell=bash
# Sets what kubeadm's documentation requires of the kernel: forwarding, bridged packets through iptables, two modules. At a boot the last file by
# name wins, and Debian's 99-sysctl.conf is the administrator's /etc/sysctl.conf.

readonly KERNEL_MODULES=/etc/modules-load.d/pulumi-kubeadm.conf KERNEL_SETTINGS=/etc/sysctl.d/99-z-pulumi-kubeadm.conf

configure_kernel() {
    printf 'overlay\nbr_netfilter\n' | write_file "$KERNEL_MODULES" 0644
    # Fails on a kernel that has both built in, so the result is ignored.
    modprobe -a overlay br_netfilter 2>/dev/null || true
    kernel_settings | write_file "$KERNEL_SETTINGS" 0644
    sysctl --quiet --load "$KERNEL_SETTINGS" >&2
}

kernel_settings() {
    printf '%s = 1\n' net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables
    if [[ $IPV6 == true ]]; then
        ipv6_settings
    fi
}

# A host that forwards ignores router advertisements, and would lose a default route that it learned from one, unless accept_ra is 2.
# Where accept_ra is 0, systemd-networkd or an administrator sets the route.
ipv6_settings() {
    local interface
    printf '%s = 1\n' net.ipv6.conf.all.forwarding
    for interface in $(ip -6 route show default proto ra | sed -n 's/.* dev \([^ ]*\).*/\1/p' | sort -u); do
        [[ $(sysctl -n "net/ipv6/conf/$interface/accept_ra") == 0 ]] ||
            printf 'net/ipv6/conf/%s/accept_ra = 2\n' "$interface"
    done
}

# Settings that are in force stay until the host restarts: another program may need them by now.
# The second name of the settings is that of former code.
kernel_remove() { rm -f "$KERNEL_MODULES" "$KERNEL_SETTINGS" /etc/sysctl.d/90-pulumi-kubeadm.conf; }
