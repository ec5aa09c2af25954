# shellcheck shell=bash
# Reads facts, changes nothing. Every fault is reported, not only the first; the facts go to standard output as JSON,
# so that the program can compare hosts with each other.
# Read: NODE_ADDRESS, CLUSTER_ID, ENDPOINT, ENDPOINT_PLACEMENT, PORTS ("6443 10250 …"), MINIMUM_MEMORY_MIB, MINIMUM_CPUS, SWAP_ALLOWED, DUMMY_INTERFACE,
# PACKAGE_SOURCE, ETCD_LAYOUT, MUST_REACH ("https://… …"); with programs as files: HOST_PACKAGES (false), STATIC_BINARIES,
# NEEDED_COMMANDS (one "command who calls it" a line); SECONDARY_ADDRESS,
# DEFAULT_ROUTES ("-4 -6"), FIREWALL and what goes with it (lib/firewall.sh).

FAULTS=0

fault() {
    log "$*"
    FAULTS=$((FAULTS + 1))
}

phase_preflight() {
    check_system
    check_capacity
    check_address
    check_kube_proxy
    check_dummy_interface
    check_programs
    check_firewall
    if host_is_member; then
        log "already a host of this cluster"
        check_etcd_layout
        check_endpoint_stays
    else
        check_remains
        check_ports
        check_default_routes
        check_package_source
        [[ ${ENDPOINT_PLACEMENT:-} != external ]] || check_external_balancer
    fi
    check_reachable
    ((FAULTS == 0)) || die "$FAULTS preflight fault(s), listed above; no host was changed"
    print_facts
}

print_facts() {
    printf '{"machineId":"%s","hostname":"%s","architecture":"%s"' "$(</etc/machine-id)" "$(hostname)" "$(uname -m)"
    [[ -z ${FIREWALL_FOUND:-} ]] || printf ',"firewall":"%s","nodeNetworks":"%s"' "$FIREWALL_FOUND" "$(node_networks | xargs)"
    printf '}\n'
}

check_system() {
    local os=unknown
    # shellcheck source=/dev/null
    [[ -r /etc/os-release ]] && os=$(source /etc/os-release && printf '%s %s' "$ID" "${VERSION_ID:-}")
    [[ $os =~ ^(debian\ 1[2-9]|ubuntu\ 2[2-9]|(rhel|centos|rocky|almalinux|ol)\ (9|[1-9][0-9])) ]] ||
        fault "operating system: got '$os', expected Debian 12 or later, Ubuntu 22.04 or later, or RHEL 9 and its like"
    [[ -z $(os_family) || $(os_family) == "$OS_FAMILY" ]] ||
        fault "osFamily: got '$OS_FAMILY' for a host of '$os', expected '$(os_family)'"
    [[ $(uname -m) =~ ^(x86_64|aarch64)$ ]] || fault "architecture: got '$(uname -m)', expected x86_64 or aarch64"
    ((EUID == 0)) || fault "privileges: got user id $EUID, expected root or a user with passwordless sudo"
    [[ -d /run/systemd/system ]] || fault "init system: systemd does not run this host, expected systemd"
    [[ -s /etc/machine-id ]] || fault "/etc/machine-id: empty, expected an id of its own (systemd-machine-id-setup)"
}

check_capacity() {
    local memory free
    memory=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
    ((memory >= MINIMUM_MEMORY_MIB)) || fault "memory: got $memory MiB, expected at least $MINIMUM_MEMORY_MIB MiB"
    (($(nproc) >= MINIMUM_CPUS)) || fault "processors: got $(nproc), expected at least $MINIMUM_CPUS"
    free=$(df --output=avail -BM /var/lib | tail -1 | tr -dc '0-9')
    ((free >= 2048)) || fault "/var/lib: got $free MiB free, expected at least 2048 MiB"
    [[ $SWAP_ALLOWED == true || $(wc -l </proc/swaps) -le 1 ]] ||
        fault "swap: got it on, expected off (swapoff -a and /etc/fstab), or kubeletConfiguration.failSwapOn: false"
}

check_address() {
    [[ -n $(interface_of "$NODE_ADDRESS") ]] ||
        fault "privateAddress: no interface carries $NODE_ADDRESS, expected an address of this host"
    [[ -z ${SECONDARY_ADDRESS:-} || -n $(interface_of "$SECONDARY_ADDRESS") ]] ||
        fault "secondaryAddress: no interface carries $SECONDARY_ADDRESS, expected an address of this host"
}

# flannel sends packets by the interface of the default route, and without one of each family it has none.
check_default_routes() {
    local family
    for family in ${DEFAULT_ROUTES:-}; do
        [[ -n $(ip "$family" route show default) ]] ||
            fault "cni.plugin: 'flannel' finds its interface by the default route, and this host has none of IPv${family#-}"
    done
}

check_dummy_interface() {
    [[ ${DUMMY_INTERFACE:-false} == true ]] || return 0
    [[ -d /sys/module/dummy ]] || modprobe --dry-run --quiet dummy 2>/dev/null ||
        fault "coreDns.nodeLocalCache: this kernel has no dummy interfaces, on one of which the cache listens; expected the module 'dummy'"
}

# Programs come by package or as files: of two of a name, one would be called and the other kept up to date.
check_programs() {
    if [[ ${HOST_PACKAGES:-true} == true ]]; then
        [[ ! -d $BINARY_STORE ]] ||
            fault "sources.binaries: got none, expected it as before: this host's programs are files ($BINARY_STORE); reset it to have packages"
        return
    fi
    check_commands
    [[ $STATIC_BINARIES != true ]] || check_no_other_programs
}

check_commands() {
    local command caller
    while read -r command caller; do
        [[ -z $command ]] || command -v "$command" >/dev/null ||
            fault "$command: not on this host, expected it there: $caller call it, and with sources.binaries no package is installed"
    done <<<"$NEEDED_COMMANDS"
}

check_no_other_programs() {
    local name folder file
    for name in kubeadm kubelet kubectl containerd ctr containerd-shim-runc-v2 runc crictl; do
        for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
            file=$folder/$name
            [[ ! -e $file ]] || is_our_binary "$file" ||
                fault "$file: is there already, a package's or somebody's; expected a host without it: sources.binaries brings its own"
        done
    done
    [[ -d $BINARY_STORE ]] || check_no_other_plugins
}

check_no_other_plugins() {
    [[ ! -e $CNI_FOLDER/loopback ]] ||
        fault "$CNI_FOLDER: has CNI plugins already; expected none: sources.binaries brings its own"
}

# A mode that the kernel cannot serve would leave every Service dead on a cluster that looks well.
check_kube_proxy() {
    case $KUBE_PROXY in
        ipvs)
            [[ -e /proc/net/ip_vs ]] || modprobe --dry-run --quiet ip_vs 2>/dev/null ||
                fault "network.kubeProxy: got 'ipvs', but this kernel has no ip_vs; expected iptables or nftables"
            ;;
        nftables)
            [[ $(printf '5.13\n%s\n' "$(uname -r)" | sort -V | head -1) == 5.13 ]] ||
                fault "network.kubeProxy: got 'nftables' on kernel $(uname -r), expected 5.13 or later"
            ;;
    esac
}

check_remains() {
    local path
    if [[ -e $STATE/member ]]; then
        fault "remains of another cluster: $STATE/member names one; reset that host first (docs/runbooks.md, 'Reset a host')"
        return
    fi
    # A bootstrap of ours that was cut left its desired state: the rerun finishes it.
    [[ ! -e $STATE/desired.env ]] || return 0
    for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/manifests/kube-apiserver.yaml /var/lib/etcd/member; do
        [[ ! -e $path ]] || fault "remains of another cluster: $path exists; reset that host first (kubeadm reset)"
    done
}

check_ports() {
    local port taken
    [[ ! -e $STATE/desired.env ]] || return 0
    for port in $PORTS; do
        taken=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -1)
        [[ -z $(ss -Hltn "sport = :$port" 2>/dev/null) ]] || fault "port $port: taken by '${taken:-another process}', expected free"
    done
}

# With another topology or folder, etcd would begin with nothing, and the cluster with it.
check_etcd_layout() {
    local layout=$STATE/etcd-layout
    [[ -z $ETCD_LAYOUT || ! -e $layout || $(<"$layout") == "$ETCD_LAYOUT" ]] ||
        fault "etcd: got '$ETCD_LAYOUT', expected '$(<"$layout")' as this live host has it: its data would stay behind"
}

check_reachable() {
    local url
    for url in $MUST_REACH; do
        answers "$url" || fault "etcd.endpoints: $url does not answer this host, expected an etcd there"
    done
}

# Every kubelet, kubeconfig and certificate of a live cluster names its endpoint; another one would leave them behind.
check_endpoint_stays() {
    local endpoint placement
    [[ -n ${ENDPOINT:-} && -r $STATE/desired.env ]] || return 0
    # shellcheck source=/dev/null
    read -r endpoint placement < <(source "$STATE/desired.env" && echo "${CONTROL_PLANE_ENDPOINT:-} ${ENDPOINT_PLACEMENT:-}")
    [[ -n $placement ]] || return 0
    [[ "$endpoint $placement" == "$ENDPOINT $ENDPOINT_PLACEMENT" ]] ||
        fault "loadBalancer: got $ENDPOINT ($ENDPOINT_PLACEMENT), expected $endpoint ($placement), which the live cluster's" \
            "nodes call: endpoint and placement cannot be changed (docs/architecture.md, 'The endpoint')"
}

# Before there is an apiserver behind it, a refusal is as good as an answer: somebody is there.
check_external_balancer() {
    local host=${ENDPOINT%:*} port=${ENDPOINT##*:} said code=0
    host=${host#[} host=${host%]}
    if ! getent ahosts "$host" >/dev/null; then
        fault "controlPlaneEndpoint: $host does not resolve on this host, expected the external balancer's name"
        return
    fi
    # shellcheck disable=SC2016 # its own parameters, by another shell
    said=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1) || code=$?
    if ((code == 124)); then
        fault "controlPlaneEndpoint: $ENDPOINT did not answer within 5s, expected a connection or a refusal: is it routed, and no firewall between?"
    elif ((code != 0)) && [[ $said != *"Connection refused"* && $said != *"Connection reset"* ]]; then
        fault "controlPlaneEndpoint: $ENDPOINT: $(head -n 1 <<<"${said##*connect: }"), expected a connection or a refusal"
    fi
}

# The repository's Date header is the one clock that every host can be held against. A certificate made here would
# not be valid yet, or no longer, on a host whose clock is elsewhere.
check_package_source() {
    local headers theirs skew
    local what="package repository" source=${PACKAGE_SOURCE//'{arch}'/$(architecture)} options=(--head --location --max-time 15)
    [[ -n $source ]] && command -v curl >/dev/null || return 0
    # A repository's base may be no page; a file is there or not.
    [[ ${HOST_PACKAGES:-true} == true ]] || { what="sources.binaries:" && options+=(--fail); }
    if ! headers=$(through_proxy curl --silent --show-error "${options[@]}" "$source" 2>&1); then
        fault "$what $source: ${headers##*$'\n'}, expected it to answer"
        return
    fi
    theirs=$(sed -n 's/^[Dd]ate: *\([^\r]*\).*/\1/p' <<<"$headers" | tail -1)
    [[ -n $theirs ]] || return 0
    skew=$(($(date +%s) - $(date -d "$theirs" +%s)))
    ((${skew#-} <= 30)) || fault "clock: got ${skew}s away from $source's, expected within 30s (install chrony)"
}
