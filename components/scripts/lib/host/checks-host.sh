# shellcheck shell=bash
# Preflight checks of the host itself.

check_operating_system() {
    local os
    os=$(os_name)
    [[ $os =~ ^(debian\ 1[2-9]|ubuntu\ 2[2-9]|(rhel|centos|rocky|almalinux|ol)\ (9|[1-9][0-9])) ]] ||
        fault "operating system: got '$os', expected Debian 12 or later, Ubuntu 22.04 or later, RHEL 9 or later, or a rebuild of RHEL"
}

os_name() {
    # shellcheck source=/dev/null
    if [[ -r /etc/os-release ]]; then (source /etc/os-release && printf '%s %s' "$ID" "${VERSION_ID:-}"); else printf unknown; fi
}

check_system() {
    if [[ -n $(os_family) && $(os_family) != "$OS_FAMILY" ]]; then
        fault "osFamily: got '$OS_FAMILY' for a host of '$(os_name)', expected '$(os_family)'"
    fi
    [[ $(uname -m) =~ ^(x86_64|aarch64)$ ]] || fault "architecture: got '$(uname -m)', expected x86_64 or aarch64"
    ((EUID == 0)) || fault "privileges: got user id $EUID, expected 0: sudo must make this user root"
    [[ -d /run/systemd/system ]] || fault "init system: systemd does not run this host, expected systemd"
    [[ -s /etc/machine-id ]] || fault "/etc/machine-id: got an empty file, expected a unique id" -- "systemd-machine-id-setup"
}

check_capacity() {
    local memory free folder=/var/lib
    memory=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
    ((memory >= MINIMUM_MEMORY_MIB)) || fault "memory: got $memory MiB, expected at least $MINIMUM_MEMORY_MIB MiB"
    (($(nproc) >= MINIMUM_CPUS)) || fault "processors: got $(nproc), expected at least $MINIMUM_CPUS"
    # It may be a disk of its own, or a link to one.
    if [[ $INSTALLS_CONTAINERD == true && -d /var/lib/containerd ]]; then folder=/var/lib/containerd; fi
    free=$(df --output=avail -BM "$folder" | tail -1 | tr -dc '0-9')
    # A live host has its programs and images.
    host_joined || ((free >= 2048)) || fault "$folder: got $free MiB free, expected at least 2048 MiB"
}

check_swap() {
    if [[ $SWAP_ALLOWED != true && $(wc -l </proc/swaps) -gt 1 ]]; then
        fault "got swap on, expected off" -- "swapoff -a, and turn off what turns it on at boot (/etc/fstab, dphys-swapfile, zram); or kubeletConfiguration.failSwapOn: false"
    fi
}

# The CA's validity begins with the operator's clock at that time.
check_clock() {
    local behind
    behind=$(($(date -d "$CA_VALID_FROM" +%s) - $(date +%s)))
    ((behind <= 0)) ||
        fault "got a clock that is ${behind}s before the start of the CA's validity, expected $CA_VALID_FROM or later" \
            -- "synchronize both clocks (install chrony)"
}

# Certificates and leases of etcd and kube-apiserver go by the clock. The clock itself is compared by other checks.
check_time_sync() {
    local unit
    for unit in chrony chronyd ntp ntpd ntpsec openntpd systemd-timesyncd; do
        if systemctl --quiet is-active "$unit"; then return; fi
    done
    warning "nothing keeps this host's clock right, expected chrony, systemd-timesyncd or ntpd" \
        -- "hostSetup.all.packages: [chrony]; not needed where the hypervisor sets the clock"
}

# etcd.io, "Hardware recommendations": 99 of 100 writes should be on disk within 10 ms, else a leader loses its lease under load. The second
# slowest of 100 small writes is taken, less what it takes to start dd.
check_etcd_disk() {
    local folder=$ETCD_DATA file slow
    [[ -n $ETCD_DATA && ! -e $IDENTITY ]] || return 0
    while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
    file=$(mktemp "$folder/.pulumi-kubeadm-XXXXXX") || return 0
    slow=$(($(second_slowest 100 "$file" fdatasync) - $(second_slowest 5 /dev/null notrunc)))
    rm -f "$file"
    ((slow <= 10000)) ||
        warning "a small write to $folder takes $((slow / 1000)) ms until it is on disk, expected at most 10 ms for etcd" \
            -- "use an SSD for etcd, and no other load on it"
}

# second_slowest COUNT FILE CONVERSION: prints the microseconds of the second slowest of some writes by dd, within 3 s.
second_slowest() {
    local i since=$SECONDS start
    for ((i = 0; i < $1 && SECONDS - since < 3; i++)); do
        start=${EPOCHREALTIME/./}
        dd if=/dev/zero of="$2" bs=2300 count=1 conv="$3" status=none
        printf '%s\n' "$((${EPOCHREALTIME/./} - start))"
    done | sort -rn | awk 'NR <= 2 {slow = $1} END {print slow + 0}'
}

check_address() {
    [[ -n $(interface_of "$NODE_ADDRESS") ]] ||
        fault "privateAddress: no interface carries $NODE_ADDRESS, expected an address of this host"
    if [[ -n $SECONDARY_ADDRESS && -z $(interface_of "$SECONDARY_ADDRESS") ]]; then
        fault "secondaryAddress: no interface carries $SECONDARY_ADDRESS, expected an address of this host"
    fi
}

# A process of the host reaches a Service only where the host has a route to its address: the route is looked up before kube-proxy's
# rules replace the address.
check_service_route() {
    local address
    for address in "${SERVICE_ADDRESSES[@]}"; do
        ip route get "$address" >/dev/null 2>&1 ||
            fault "got no route to the Services ($address), expected a default route of that family, because this host's own programs call them" \
                -- "add a default route; a gateway that leads nowhere is enough"
    done
}

check_kernel() {
    check_kube_proxy
    check_interface_kinds
}

# With a mode that the kernel does not support, no Service works on a cluster that looks healthy.
check_kube_proxy() {
    case $KUBE_PROXY_MODE in
        ipvs)
            if [[ ! -e /proc/net/ip_vs ]] && ! kernel_has ip_vs; then
                fault "network.kubeProxy: got 'ipvs', but this kernel has no ip_vs; expected iptables or nftables"
            fi
            ;;
        nftables)
            [[ $(printf '5.13\n%s\n' "$(uname -r)" | sort -V | sed -n 1p) == 5.13 ]] ||
                fault "network.kubeProxy: got 'nftables' on kernel $(uname -r), expected 5.13 or later"
            ;;
    esac
}

# The programs that need these modules have the kernel load them.
check_interface_kinds() {
    if [[ $DUMMY_INTERFACE == true ]] && ! kernel_has dummy; then
        fault "coreDns.nodeLocalCache: got a kernel without the module 'dummy', expected the module, because the cache listens on a dummy interface"
    fi
    if [[ $IPIP_TUNNEL == true ]] && ! kernel_has ipip; then
        fault "cni.mode: got 'ipip', but this kernel has no module 'ipip'; expected vxlan or bgp"
    fi
}

# kernel_has MODULE: true when the kernel has the module, as a file or built in.
kernel_has() { [[ -d /sys/module/$1 ]] || modprobe --dry-run --quiet "$1" 2>/dev/null; }

# LVS rewrites nothing but a frame's address, so a router cannot lie in between. It sees one half of each connection: a firewall that
# keeps track of connections takes the packet that ends one for invalid, and drops it.
check_lvs() {
    local module address router firewalls
    ((${#LVS_BACKENDS[@]} > 0)) || return 0
    for module in "${IPVS_MODULES[@]}"; do
        kernel_has "$module" ||
            fault "loadBalancer.type: got 'lvs', but this kernel has no module '$module'; expected haproxy or nginx"
    done
    for address in "${LVS_BACKENDS[@]}"; do
        router=$(ip route get "$address" 2>/dev/null | sed -n 's/.* via \([^ ]*\) .*/\1/p')
        [[ -z $router ]] ||
            fault "loadBalancer.type: got 'lvs', but the router $router lies between this host and kube-apiserver at $address;" \
                "expected one network segment, because LVS with direct routing passes packets on to no router"
    done
    firewalls=$(active_firewalls | xargs)
    [[ -z $firewalls ]] ||
        fault "firewall: got an active $firewalls, expected none on this host, because LVS sees one half of each connection," \
            "and a firewall drops packets that end one as invalid" -- "turn it off, or use haproxy or nginx"
}

check_ports() {
    local port taken
    [[ ! -e $IDENTITY ]] || return 0
    for port in "${PORTS[@]}"; do
        taken=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | sed -n 1p)
        if [[ -n $(ss -Hltn "sport = :$port" 2>/dev/null) ]]; then
            fault "port $port: taken by '${taken:-another process}', expected it free"
        fi
    done
}
