# shellcheck shell=bash
# The verification's look at large packets. Where these get lost, small requests work, and large answers hang.

# Where nodes have interfaces of different MTUs, large packets get lost too, and TCP works: so this is no fault.
warn_of_lost_packets() {
    local pods lost
    type -P ping >/dev/null || return 0
    pods=$(verify_pods_now) || return 0
    POD_NETWORK=$(pod_network) || return 0
    lost=$(pod_addresses "$pods" | for_each_address large_packets_pass packet_passes | cut -d ' ' -f 1 | sort -u | xargs) || return 0
    if [[ -n $lost ]]; then
        log "warning: packets as large as the pods' MTU get lost on the way from $NODE_NAME to pods on $lost, and small ones pass," \
            "so large answers may hang: set the MTU of the nodes' interfaces to what the network between them passes"
    fi
}

# large_packets_pass ADDRESS: true also for this pod's own address, and where it answers no ping. A route may have an MTU of its own.
large_packets_pass() {
    local route mtu
    route=$(ip -o route get "$1" 2>/dev/null) && [[ $route != local* ]] || return 0
    mtu=$(sed -nE 's/.* mtu ([0-9]+).*/\1/p' <<<"$route")
    mtu=${mtu:-$(ip -o link show dev "$(sed -nE 's/.* dev ([^ ]+).*/\1/p' <<<"$route")" 2>/dev/null | sed -nE 's/.* mtu ([0-9]+).*/\1/p')}
    [[ -z $mtu ]] || ! packet_passes "$1" 100 || packet_passes "$1" "$mtu"
}
