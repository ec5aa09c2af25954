# shellcheck shell=bash
# The host's own firewall, where one is active, lets in what the host's role needs: firewall-firewalld.sh and
# firewall-ufw.sh have what differs. None is ever installed, turned on or off. What is opened is marked as ours, so that
# a rule of the administrator's is neither changed nor removed.
# Read: FIREWALL (auto; none opens nothing), FIREWALL_OPENINGS ("protocol port source" a line; the source `hosts` stands
# for the nodes' networks), FIREWALL_HOSTS (those networks; empty for each host's own), FIREWALL_ADDRESSES (this host's),
# FIREWALL_NETWORKS (the pods'; empty on a host that is no node), FIREWALL_PODS_FROM (any, hosts).

readonly FIREWALL_MARK=pulumi-kubeadm

active_firewalls() {
    local firewall
    for firewall in $FIREWALLS; do
        if dispatch FIREWALLS "$firewall" @_is_active; then printf '%s\n' "$firewall"; fi
    done
}

# Only opens: a live host's neighbour that is still to come calls it before this host's rollout.
open_firewall() {
    local firewall
    for firewall in $(managed_firewalls); do dispatch FIREWALLS "$firewall" @_open; done
}

# Opens, and closes what was opened and is not needed any more.
sync_firewall() {
    local firewall
    if [[ ${FIREWALL:-none} == none ]]; then firewall_remove; fi
    for firewall in $(managed_firewalls); do dispatch FIREWALLS "$firewall" @_sync; done
}

# One that is not active keeps what was opened in it: it may be turned on again.
managed_firewalls() {
    if [[ ${FIREWALL:-none} != none ]]; then active_firewalls; fi
}

# Whether it is active or not: the rules that it would have next time go too.
firewall_remove() {
    local firewall
    for firewall in $FIREWALLS; do dispatch FIREWALLS "$firewall" @_close; done
}

# "protocol port source" a line, with networks in the place of `hosts`.
firewall_openings() {
    local protocol port source network
    while read -r protocol port source; do
        if [[ $source == hosts ]]; then
            for network in $(node_networks); do printf '%s %s %s\n' "$protocol" "$port" "$network"; done
        elif [[ -n $protocol ]]; then
            printf '%s %s %s\n' "$protocol" "$port" "$source"
        fi
    done <<<"$FIREWALL_OPENINGS"
}

# add_openings_for_undeclared_members MEMBERS: who leaves etcd is removed after the rollouts, by a majority that it may be part of, or
# the leader; until then it is let in. What stays open for it is closed by this host's next change.
add_openings_for_undeclared_members() {
    local url address
    while read -r _ url; do
        [[ -n $url ]] || continue
        address=$(sed -E 's|^https://\[?||; s|\]?:[0-9]+$||' <<<"$url")
        FIREWALL_OPENINGS+=$'\n'"tcp $ETCD_CLIENT_PORT $address"$'\n'"tcp $ETCD_PEER_PORT $address"
    done < <(undeclared_member_lines "$1")
}

# The networks that the nodes are in.
node_networks() {
    local address
    if [[ -n $FIREWALL_HOSTS ]]; then
        tr ' ' '\n' <<<"$FIREWALL_HOSTS"
    else
        for address in $FIREWALL_ADDRESSES; do own_network "$address"; done
    fi
}

# own_network ADDRESS: as the kernel has it from the prefix of the interface's address; the narrowest where there are several.
own_network() {
    ip "$(family_flag "$1")" -o route show match "$1" proto kernel | awk '{print $1}' | sort -t / -k 2 -n | tail -n 1
}

family_flag() { [[ $1 == *:* ]] && printf -- -6 || printf -- -4; }

# lines_missing HERE OF: the lines of the second text that the first has not.
lines_missing() { comm -13 <(sort -u <<<"$1") <(sort -u <<<"$2") | grep . || true; }

# Reads, changes nothing; sets FIREWALL_FOUND.
check_firewall() {
    local active
    [[ ${FIREWALL:-none} != none ]] || return 0
    active=$(active_firewalls | tr '\n' ' ')
    case $active in
        "") return ;;
        "firewalld ufw ")
            fault "firewall: got firewalld and ufw both active, expected one of them (each would refuse what the other lets in)"
            return
            ;;
    esac
    FIREWALL_FOUND=${active% }
    log "firewall: $FIREWALL_FOUND is active, and will let in what this host's role needs"
    [[ -n $(node_networks) ]] ||
        fault "firewall.hostSubnets: got none, and no network of $FIREWALL_ADDRESSES on an interface, expected the nodes' networks"
    dispatch FIREWALLS "$FIREWALL_FOUND" @_check
}
