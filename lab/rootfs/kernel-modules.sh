#!/bin/bash
# Gives the root filesystem $1 the /lib/modules that a kernel package would bring: this machine's own, or a list of what
# its kernel has built in. Without it `modprobe overlay` fails where the kernel has overlay all the same.
set -euo pipefail
root=$1
release=$(uname -r)
modules=$root/lib/modules/$release

# Configuration option and the module it makes, for those a Kubernetes node may ask for.
known_modules=(
    OVERLAY_FS:fs/overlayfs/overlay
    BRIDGE_NETFILTER:net/bridge/br_netfilter
    VXLAN:drivers/net/vxlan/vxlan
    NF_CONNTRACK:net/netfilter/nf_conntrack
    NF_TABLES:net/netfilter/nf_tables
    IP_NF_IPTABLES:net/ipv4/netfilter/ip_tables
    IP_SET:net/netfilter/ipset/ip_set
    IP_VS:net/netfilter/ipvs/ip_vs
    IP_VS_RR:net/netfilter/ipvs/ip_vs_rr
    IP_VS_WRR:net/netfilter/ipvs/ip_vs_wrr
    IP_VS_SH:net/netfilter/ipvs/ip_vs_sh
    NET_IPIP:net/ipv4/ipip
    WIREGUARD:drivers/net/wireguard/wireguard
)

list_built_in() {
    local pair config
    config=$(zcat /proc/config.gz)
    for pair in "${known_modules[@]}"; do
        if grep -qx "CONFIG_${pair%%:*}=y" <<<"$config"; then
            echo "kernel/${pair#*:}.ko"
        fi
    done
}

if [ -d "/lib/modules/$release" ]; then
    mkdir -p "$root/lib/modules"
    cp -a "/lib/modules/$release" "$modules"
else
    mkdir -p "$modules"
    touch "$modules/modules.order" "$modules/modules.builtin.modinfo"
    list_built_in >"$modules/modules.builtin"
    chroot "$root" depmod "$release"
fi
