# shellcheck shell=bash
# Releases a host that left the program: it becomes what it was before the first `up`. Removes what the other phases
# made, and nothing else; running it on a clean host, or twice, changes nothing.
# Read: CLUSTER_ID, NODE_NAME, ROLE, NODE_ADDRESS, CLAIM: what the host must be (lib/core/identity.sh).

phase_reset() {
    if [[ ! -d $STATE ]]; then
        log "nothing of this cluster is here"
        return
    fi
    local reason
    reason=$(not_to_be_released)
    if [[ -n $reason ]]; then
        log "warning: this host is left as it is: $reason"
        return
    fi
    if [[ -r $STATE/desired.env ]]; then
        load_desired_state
    fi
    leave_etcd
    stop_services
    remove_mounts
    remove_network
    close_firewall
    remove_files
    remove_packages
    # dpkg takes /opt away with the last package that had something in it.
    install -d -m 0755 /opt
    remove_package_sources
    systemctl daemon-reload
    systemctl reset-failed
    # The staged state, which says whose host this is, goes last, so that the next run finishes a reset that was killed.
    rm -f "$STATE/member"
    find "$STATE" -mindepth 1 ! -path "$STATE/desired.env" -delete
    rm -rf "$STATE" "$HERE" /run/pulumi-kubeadm.lock
    log "reset"
}

# Removes this host's member from etcd, in case the cluster's own step did not (its run was killed before it, for example):
# the other members would keep a dead voter. Without a quorum etcd cannot remove it, and the release goes on.
leave_etcd() {
    local members id
    [[ ${ETCD_RUNTIME:-none} != none ]] || return 0
    members=$(etcd_call_here cluster/member/list '{"linearizable":true}') || return 0
    id=$(etcd_self "$members" ID)
    [[ -n $id && $(jq '.members | length' <<<"$members") -gt 1 ]] || return 0
    log "leaving etcd"
    etcd_call_here cluster/member/remove "{\"ID\":\"$id\"}" >/dev/null || true
}

stop_services() {
    log "stopping what runs here"
    local unit
    for unit in kubelet etcd keepalived haproxy nginx; do
        # An administrator's own stays.
        [[ ! $unit =~ ^(keepalived|haproxy|nginx)$ || -e $STATE/runs-$unit ]] || continue
        systemctl disable --now --quiet "$unit" 2>/dev/null || true
    done
    for unit in $WATCHERS; do remove_watcher "$unit"; done
    remove_pods
    systemctl disable --now --quiet containerd 2>/dev/null || true
    # containerd's shims outlive it on purpose; here they must not.
    pkill --full '^/(usr/bin|usr/local/bin|opt/pulumi-kubeadm/[^ ]*)/containerd-shim-runc-v2 ' || true
    drop_virtual_address
}

# crictl waits 2 s of its own accord, which a pod with a network may need more than: its processes and interfaces would stay.
remove_pods() {
    local pods attempt
    command -v crictl >/dev/null && crictl version >/dev/null 2>&1 || return 0
    for attempt in 1 2 3; do
        mapfile -t pods < <(crictl pods --quiet)
        ((${#pods[@]})) || return 0
        timeout 120 crictl --timeout 60s rmp --force "${pods[@]}" >/dev/null && return
        log "attempt $attempt: not every pod could be removed; see crictl's error above"
    done
}

remove_mounts() {
    local mount
    awk '$2 ~ "^/(var/lib/kubelet|var/lib/containerd|run/containerd|run/netns/cni-)" {print $2}' /proc/mounts | sort -r |
        while read -r mount; do
            # A volume that an administrator mounted at the very path is theirs.
            if [[ ! $mount =~ ^/var/lib/(kubelet|containerd)$ ]]; then
                umount --lazy "$mount" || true
            fi
        done
}

remove_network() {
    local link family table
    for link in $(cni_links); do
        ip link delete "$link" 2>/dev/null || true
    done
    for family in iptables ip6tables; do
        command -v "$family-save" >/dev/null || continue
        flush_rules "$family"
    done
    for table in "ip kube-proxy" "ip6 kube-proxy" "ip flannel-ipv4" "ip6 flannel-ipv6"; do
        # shellcheck disable=SC2086 # a family and a name
        nft delete table $table 2>/dev/null || true
    done
    remove_routes
    remove_calico_sets
    rm -f /run/netns/cni-*
}

# The interfaces of the CNI plugins and of kube-proxy. Whatever is a pod's ends with the pod.
cni_links() {
    ip -o link show | awk -F ': ' '{split($2, name, "@"); print name[1]}' |
        grep -E '^(cni0|flannel(\.1|-v6\.1)|kube-ipvs0|nodelocaldns|vxlan(-v6)?\.calico|cali[0-9a-f]{11}|cilium_(host|net|vxlan)|lxc[0-9a-f]+)$' || true
}

# Felix (80) and Calico's BIRD mark theirs; flannel does not, and lays them to the pods' subnets, which flanneld wrote here.
remove_routes() {
    local family key subnet env=/run/flannel/subnet.env
    for family in -4 -6; do
        ip "$family" route flush proto 80 2>/dev/null || true
        if [[ -d /run/calico ]]; then
            ip "$family" route flush proto bird 2>/dev/null || true
        fi
        [[ -r $env ]] || continue
        key=FLANNEL_NETWORK
        if [[ $family != -4 ]]; then
            key=FLANNEL_IPV6_NETWORK
        fi
        subnet=$(sed -n "s/^$key=//p" "$env")
        if [[ -n $subnet ]]; then
            ip "$family" route flush root "$subnet" 2>/dev/null || true
        fi
    done
}

remove_calico_sets() {
    local set
    command -v ipset >/dev/null || return 0
    for set in $(ipset list -name 2>/dev/null | grep '^cali' || true); do ipset destroy "$set" 2>/dev/null || true; done
}

# Only the chains of Kubernetes and of the CNI plugins go, and what a killed DNS cache has left; a firewall of the host's
# own stays.
flush_rules() {
    local rules address ours='KUBE-|FLANNEL|CNI-|cali[-:]|CILIUM'
    for address in ${NODE_LOCAL_DNS:-}; do ours+="| -[sd] ${address//./\\.}/(32|128) "; done
    rules=$("$1-save" 2>/dev/null) || return 0
    grep -qE "$ours" <<<"$rules" || return 0
    grep -vE "$ours" <<<"$rules" | "$1-restore"
}

remove_files() {
    local path
    for path in /var/lib/kubelet /var/lib/etcd /var/lib/containerd; do
        # The folder itself may be a mount of the host's own.
        if [[ -d $path ]]; then
            find "$path" -mindepth 1 -delete 2>/dev/null || true
        fi
        rmdir "$path" 2>/dev/null || true
    done
    # Of a data directory of the program's choice only what etcd made goes.
    if [[ -n ${ETCD_DATA:-} ]]; then
        rm -rf "$ETCD_DATA"/member "$ETCD_DATA"/member.*.stale
        rmdir "$ETCD_DATA" 2>/dev/null || true
    fi
    rm -rf /etc/kubernetes /etc/cni /opt/cni /var/lib/cni /run/flannel /run/calico /var/lib/calico /var/log/calico /run/cilium /run/containerd /etc/containerd /opt/containerd \
        /etc/etcd /opt/etcd /etc/systemd/system/etcd.service /etc/systemd/system/{kubelet,containerd}.service.d /etc/crictl.yaml /var/log/pods /var/log/containers /root/.kube/cache \
        /etc/modules-load.d/pulumi-kubeadm.conf /etc/sysctl.d/90-pulumi-kubeadm.conf
    rmdir /root/.kube 2>/dev/null || true
    remove_balancer_files
    remove_binaries
}

remove_balancer_files() {
    if [[ -e $STATE/runs-keepalived ]]; then
        rm -f /etc/keepalived/keepalived.conf
    fi
    if [[ -e $STATE/runs-nginx ]]; then
        rm -f /etc/nginx/backends.conf
    fi
}

remove_package_sources() {
    if [[ -e $STATE/etcd-user ]]; then
        userdel etcd 2>/dev/null || true
    fi
    remove_repository kubernetes
    remove_repository containerd
    if [[ ${HOST_PACKAGES:-true} == true ]]; then
        of_family forget_lists
    fi
    of_family restore_selinux
}
