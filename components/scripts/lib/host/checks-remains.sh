# shellcheck shell=bash
# Preflight checks of a new host: what others have left on it or still use.

check_remains() {
    local path
    # An interrupted `up` of ours left its identity; this run finishes it.
    [[ ! -e $IDENTITY ]] || return 0
    for path in "$KUBELET_CONF" "$MANIFESTS/kube-apiserver.yaml" "${ETCD_DATA:-$ETCD_DEFAULT_DATA}"/member{,.*.stale}; do
        if [[ -e $path ]]; then
            fault "got $path, expected no remains of another cluster" -- "if that cluster is gone for good: kubeadm reset, and remove this path"
        fi
    done
    # A release empties these folders, also behind a link.
    for path in "$KUBELET_FOLDER" /var/lib/containerd "$KUBERNETES_FOLDER" /var/log/pods; do
        if [[ -L $path && -n $(find "$path/" -mindepth 1 ! -name lost+found -print -quit 2>/dev/null) ]]; then
            fault "$path: got a link to $(readlink -f "$path"), which has files, expected a link to an empty folder" -- "link it to a folder of its own"
        fi
    done
}

# `kubeadm reset` leaves these. containerd uses the first file by name, and an interface keeps the addresses of its former network.
check_cni() {
    local path link
    [[ ! -e $IDENTITY && $INSTALLS_CNI == true ]] || return 0
    for path in /etc/cni/net.d/*.{conf,conflist,json}; do
        if [[ -e $path ]]; then fault "got $path, expected no configuration of another CNI plugin" -- "move it away, where nothing else uses it (podman does)"; fi
    done
    for path in /sys/class/net/*; do
        link=${path##*/}
        case $link in
            cni0 | flannel.* | flannel-v6.* | cilium_* | vxlan.calico | vxlan-v6.calico | cali[0-9a-f]* | kube-ipvs0 | weave)
                fault "got the network interface $link of a former cluster, expected none" -- "ip link delete $link, or restart the host"
                ;;
        esac
    done
}

# `destroy` removes every container of this containerd, so it must not be somebody else's.
check_container_runtime() {
    [[ ! -e $IDENTITY && $INSTALLS_CONTAINERD == true ]] || return 0
    if pgrep --full '/containerd-shim[^ ]* ' >/dev/null; then
        fault "got running containers in containerd, expected none, because containerd would become the cluster's" \
            -- "stop and remove them, or use another host"
    fi
    if systemctl --quiet is-active docker || systemctl --quiet is-active docker.socket; then
        fault "got Docker, expected none, because it uses the same containerd" -- "move its containers and volumes to another host, and remove it (to purge docker.io deletes its volumes); or use another host"
    fi
}

# Files that the program replaces. That of the distribution may be replaced; one that somebody wrote or changed may not.
check_foreign_configuration() {
    local part path
    [[ ! -e $IDENTITY && -n $(os_family) ]] || return 0
    while read -r part path; do
        if [[ -e $path ]] && ! os_call is_packaged_file "$path"; then
            fault "got $path, which somebody wrote, expected none, because $part may serve nothing but the cluster on this host" \
                -- "use another host for the load balancer; if nothing needs it any more: rm $path"
        fi
    done < <(for part in "${LOAD_BALANCER[@]}"; do part_configuration "$part"; done)
    check_kubelet_flags "$(os_call kubelet_defaults)" || true
    check_drop_ins
}

# check_kubelet_flags FILE: false where it has flags.
check_kubelet_flags() {
    grep -qsE '^[^#]*KUBELET_EXTRA_ARGS=.*[^ "='"'"']' "$1" || return 0
    fault "got KUBELET_EXTRA_ARGS in $1, expected none, because these flags override the program's" \
        -- "move the flags to kubeletExtraArgs of the node, and rm $1"
    return 1
}

# Drop-ins that somebody wrote for a service that the program configures.
check_drop_ins() {
    local unit path
    while read -r unit; do
        for path in "$UNITS/$unit.service.d"/*.conf; do
            if [[ ! -e $path ]] || os_call is_packaged_file "$path"; then
                continue
            elif is_own_drop_in "$unit/${path##*/}"; then
                fault "got $path, which somebody wrote, expected none, because the program writes this file" -- "give it another name, or rm $path"
            elif [[ $unit != kubelet ]] || check_kubelet_flags "$path"; then
                warning "got $path, which somebody wrote; it changes how $unit runs" \
                    -- "rm $path, unless the cluster needs it (for a proxy: sources.proxy)"
            fi
        done
    done < <(configured_services | sort -u)
}

configured_services() {
    lines "${LOAD_BALANCER[@]/#lvs/keepalived}"
    if [[ $INSTALLS_CONTAINERD == true ]]; then lines containerd kubelet; fi
    if [[ $ETCD_LAYOUT == *systemd* ]]; then lines etcd; fi
}

# is_own_drop_in UNIT/FILE
is_own_drop_in() {
    case $1 in
        containerd/proxy.conf | kubelet/20-standalone.conf) ;;
        kubelet/10-kubeadm.conf) [[ $STATIC_BINARIES == true ]] ;;
        *) return 1 ;;
    esac
}

# part_configuration PART: prints "PART FILE" for each file from which the service reads what it serves.
part_configuration() {
    local file
    case $1 in
        haproxy) printf 'haproxy %s\n' "$HAPROXY_FILE" ;;
        nginx)
            # nginx's own site is a link to a file of its package.
            for file in "$NGINX_FOLDER"/{nginx.conf,conf.d/*.conf,sites-enabled/*}; do
                if [[ ${file##*/} != default ]]; then printf 'nginx %s\n' "$file"; fi
            done
            ;;
        keepalived | lvs) printf '%s %s\n' "$1" "$KEEPALIVED_FILE" ;;
    esac
}

# Two owners of one address take it from each other. A host of this cluster may have it already.
check_virtual_address() {
    local since=$SECONDS entry owner host
    [[ ! -e $IDENTITY && -n $VIRTUAL_ADDRESS && -z $(interface_of "$VIRTUAL_ADDRESS") ]] || return 0
    entry=$(neighbour_entry "$VIRTUAL_ADDRESS")
    # The kernel first uses an entry that is old, and looks it up again when nothing answers.
    while [[ $entry == *" lladdr "* && $entry != *REACHABLE* ]] && ((SECONDS - since < 9)); do
        sleep 0.5
        entry=$(ip neighbour show to "$VIRTUAL_ADDRESS")
    done
    [[ $entry == *REACHABLE* ]] || return 0
    owner=$(link_address_in "$entry")
    for host in "${VIRTUAL_ADDRESS_HOSTS[@]}"; do
        if [[ $(link_address_in "$(neighbour_entry "$host")") == "$owner" ]]; then return; fi
    done
    for host in "${VIRTUAL_ADDRESS_HOSTS[@]}"; do
        if [[ $host != "$NODE_ADDRESS" ]] && url_answers "https://$(url_host_of "$host"):${ENDPOINT##*:}/readyz"; then
            warning "loadBalancer.virtualAddress: $VIRTUAL_ADDRESS is held by a machine ($owner) that is not in the configuration" \
                -- "if that machine leaves the cluster with this run: nothing; otherwise choose another address"
            return
        fi
    done
    fault "loadBalancer.virtualAddress: got $VIRTUAL_ADDRESS, which another machine has ($owner), expected a free address" \
        -- "choose an address that nobody has, outside of DHCP's range"
}

# neighbour_entry ADDRESS: calls it once, and prints the kernel's entry of who answered.
neighbour_entry() {
    # shellcheck disable=SC2016 # its own parameter, by another shell
    timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/9"' "$1" 2>/dev/null || true
    ip neighbour show to "$1"
}

# url_host_of ADDRESS: as a URL has it.
url_host_of() { if [[ $1 == *:* ]]; then printf '[%s]' "$1"; else printf '%s' "$1"; fi; }

link_address_in() { sed -nE 's/.* lladdr ([^ ]+) .*/\1/p' <<<"$1"; }

# CoreDNS forwards questions to the host's name servers: at a loopback address to itself.
check_resolver() {
    local file=$RESOLV_CONF server servers
    [[ $file != none ]] || return 0
    # As kubeadm chooses it (cmd/kubeadm/app/componentconfigs/kubelet.go).
    if [[ -z $file ]]; then
        file=/etc/resolv.conf
        if systemctl --quiet is-active systemd-resolved; then file=/run/systemd/resolve/resolv.conf; fi
    fi
    servers=$(awk '$1 == "nameserver" {print $2}' "$file" 2>/dev/null || true)
    if [[ -z $servers ]]; then
        fault "$file: got no name server, expected one, because CoreDNS and pods ask those of the host" \
            -- "add one; or name a file that has one: kubeletConfiguration.resolvConf"
    fi
    for server in $servers; do
        if [[ $server == 127.* || $server == ::1 ]]; then
            fault "$file: got the name server $server, expected one outside of the host, because in a pod this address is the pod itself" \
                -- "write the servers that $server asks to another file, and name it: kubeletConfiguration.resolvConf"
        fi
    done
}

# apt reads no list at all where it cannot read one of its sources.
check_package_manager() {
    local said
    # An interrupted `up` may have left an entry that `prepare` removes.
    [[ $HOST_PACKAGES == true && ! -e $STATE && -n $(os_family) ]] || return 0
    said=$(os_call unreadable_sources)
    [[ -z $said ]] || fault "the package manager cannot read its repositories: $said" -- "mend that file; apt-get update must succeed"
}
