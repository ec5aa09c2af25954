# shellcheck shell=bash
# Removes what CNI plugins and kube-proxy leave on a host: interfaces, routes, firewall rules and files. Their pods made it.

pod_network_remove() {
    local link family table
    unmount_all /run/netns/cni-
    for link in $(cni_links); do ip link delete "$link" 2>/dev/null || true; done
    for family in iptables ip6tables; do
        if command -v "$family-save" >/dev/null; then flush_rules "$family"; fi
    done
    for table in "ip kube-proxy" "ip6 kube-proxy" "ip flannel-ipv4" "ip6 flannel-ipv6"; do
        # shellcheck disable=SC2086 # a family and a name
        nft delete table $table 2>/dev/null || true
    done
    remove_routes
    clear_ipip_tunnel
    remove_calico_sets
    rm -rf /run/netns/cni-* /opt/cni /var/lib/cni /run/flannel /run/calico /var/lib/calico /var/log/calico /run/cilium
}

# The interfaces of the CNI plugins and of kube-proxy. A pod's own interfaces disappear with the pod.
cni_links() {
    ip -o link show | awk -F ': ' '{split($2, name, "@"); print name[1]}' |
        grep -E '^(cni0|flannel(\.1|-v6\.1)|kube-ipvs0|nodelocaldns|vxlan(-v6)?\.calico|cali[0-9a-f]{11}|cilium_[a-z0-9]+|lxc[0-9a-f]+)$' || true
}

# Felix (80) and Calico's BIRD mark their routes. flannel does not; its routes lead to the pod subnets, which flanneld wrote to
# this file.
remove_routes() {
    local family key subnet env=/run/flannel/subnet.env
    for family in -4 -6; do
        ip "$family" route flush proto 80 2>/dev/null || true
        if [[ -d /run/calico ]]; then ip "$family" route flush proto bird 2>/dev/null || true; fi
        [[ -r $env ]] || continue
        key=FLANNEL_NETWORK
        if [[ $family == -6 ]]; then key=FLANNEL_IPV6_NETWORK; fi
        subnet=$(sed -n "s/^$key=//p" "$env")
        if [[ -n $subnet ]]; then ip "$family" route flush root "$subnet" 2>/dev/null || true; fi
    done
}

# The kernel makes tunl0 with its module, and it goes with the module alone, as would the IP-in-IP tunnels of other programs. So it
# loses what Felix gave it, and stays until the next boot.
clear_ipip_tunnel() {
    if [[ -d /run/calico ]] && ip link show tunl0 >/dev/null 2>&1; then
        ip address flush dev tunl0 2>/dev/null || true
        ip link set tunl0 down 2>/dev/null || true
    fi
}

remove_calico_sets() {
    local set
    command -v ipset >/dev/null || return 0
    for set in $(ipset list -name 2>/dev/null | grep '^cali' || true); do ipset destroy "$set" 2>/dev/null || true; done
}

# flush_rules iptables|ip6tables: removes the chains of Kubernetes and of the CNI plugins, and the rules of a DNS cache that was
# killed; the rules of the host's own firewall stay.
flush_rules() {
    local rules address ours='KUBE-|FLANNEL|CNI-|cali[-:]|CILIUM'
    for address in "${NODE_LOCAL_DNS[@]}"; do ours+="| -[sd] ${address//./\\.}/(32|128) "; done
    rules=$("$1-save" 2>/dev/null) || return 0
    grep -qE "$ours" <<<"$rules" || return 0
    grep -vE "$ours" <<<"$rules" | "$1-restore"
}
