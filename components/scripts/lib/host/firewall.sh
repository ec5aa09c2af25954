# shellcheck shell=bash
# shellcheck disable=SC2153 # the parameter FIREWALL, beside a local firewall
# Opens the host's own firewall, where one is active, for what the host's role needs; firewall-firewalld.sh and firewall-ufw.sh
# have the differences. Never installs a firewall and never turns one on or off. Our rules are marked, so that a rule of the
# administrator's is neither changed nor removed.

readonly FIREWALL_MARK=pulumi-kubeadm

active_firewalls() {
    local firewall
    for firewall in $FIREWALLS; do
        if dispatch FIREWALLS "$firewall" @_is_active; then printf '%s\n' "$firewall"; fi
    done
}

# Only opens, because a new node calls a live host before that host's rollout.
open_firewall() {
    local firewall
    for firewall in $(managed_firewalls); do dispatch FIREWALLS "$firewall" @_open; done
}

# Opens what is needed, and closes what was opened and is no longer needed.
sync_firewall() {
    local firewall
    if [[ $FIREWALL == none ]]; then firewall_remove; fi
    for firewall in $(managed_firewalls); do dispatch FIREWALLS "$firewall" @_sync; done
}

# Prints the firewalls to change: an inactive one keeps its rules, because it may be turned on again.
managed_firewalls() {
    if [[ $FIREWALL != none ]]; then active_firewalls; fi
}

# Removes our rules from every firewall, active or not.
firewall_remove() {
    local firewall
    for firewall in $FIREWALLS; do dispatch FIREWALLS "$firewall" @_close; done
}

# Prints "protocol port source" lines, with networks in place of `hosts`.
firewall_openings() {
    local protocol port source network
    while read -r protocol port source; do
        if [[ $source == hosts ]]; then
            for network in $(node_networks); do printf '%s %s %s\n' "$protocol" "$port" "$network"; done
        else
            printf '%s %s %s\n' "$protocol" "$port" "$source"
        fi
    done < <(lines "${FIREWALL_OPENINGS[@]}")
}

# add_openings_for_undeclared_members MEMBERS: keeps the firewall open for etcd members that are no longer declared. They are removed
# after the rollouts, and until then one may be the leader or part of the quorum. The next change of this host closes the openings.
add_openings_for_undeclared_members() {
    local url address
    while read -r _ url; do
        [[ -n $url ]] || continue
        address=$(sed -E 's|^https://\[?||; s|\]?:[0-9]+$||' <<<"$url")
        FIREWALL_OPENINGS+=("tcp $ETCD_CLIENT_PORT $address" "tcp $ETCD_PEER_PORT $address")
    done < <(undeclared_member_lines "$1")
}

# Prints the networks of the nodes.
node_networks() {
    local address
    if ((${#FIREWALL_HOSTS[@]} > 0)); then
        lines "${FIREWALL_HOSTS[@]}"
    else
        for address in "${FIREWALL_ADDRESSES[@]}"; do own_network "$address"; done
    fi
}

# own_network ADDRESS: prints the kernel's network of that interface address; the narrowest where there are several.
own_network() {
    ip "$(family_flag "$1")" -o route show match "$1" proto kernel | awk '{print $1}' | sort -t / -k 2 -n | tail -n 1
}

family_flag() { [[ $1 == *:* ]] && printf -- -6 || printf -- -4; }

# lines_missing HERE OF: prints the lines of OF that are not in HERE.
lines_missing() { comm -13 <(sort -u <<<"$1") <(sort -u <<<"$2") | grep . || true; }

# Rules of nftables without firewalld or ufw, as Debian's nftables.service loads them, are not changed by the program.
check_packet_filter() {
    local family table chain hook
    # A live host works, so somebody has opened its ports.
    if host_joined; then return; fi
    while read -r family table chain hook; do
        if [[ $hook == forward ]] && ! is_node; then continue; fi
        fault "firewall: the chain '$chain' ($hook) of nftables' table '$family $table' drops what no rule accepts, expected firewalld, ufw, or" \
            "no firewall, because the program opens ports in those alone" \
            -- "open the ports of docs/architecture.md, 'The hosts' own firewalls', and set firewall.mode: none; or change the chain"
    done < <(dropping_chains)
}

# Prints "FAMILY TABLE CHAIN HOOK" of each chain for incoming or forwarded packets that drops or rejects them by its policy or by a rule without
# a condition; iptables' own chains are among them. CNI plugins and kube-proxy have pods' packets accepted in iptables' chain FORWARD, whose
# policy Docker changes; but a rule there comes before flannel's, which are appended.
dropping_chains() {
    type -P nft >/dev/null || return 0
    { nft --stateless --terse list ruleset 2>/dev/null || true; } | awk '
        $1 == "table" {table = $2 " " $3}
        $1 == "chain" {chain = $2; hook = ""}
        / hook (input|forward) / {
            hook = / hook input / ? "input" : "forward"
            drops = / policy drop;/ && (chain != "FORWARD" || table !~ /^ip6? filter$/)
            if (drops) print table, chain, hook
        }
        hook != "" && !drops && /^[ \t]*(counter |log (prefix "[^"]*" |level [a-z]+ |flags [a-z ]+ |group [0-9]+ )*)*(drop|reject|xt target "(DROP|REJECT)")/ {
            print table, chain, hook
            drops = 1
        }'
}

# Changes nothing; sets FIREWALL_FOUND.
check_firewall() {
    local active
    [[ $FIREWALL != none ]] || return 0
    active=$(active_firewalls | tr '\n' ' ')
    case $active in
        "")
            check_packet_filter
            return
            ;;
        "firewalld ufw ")
            fault "firewall: got firewalld and ufw both active, expected one of them (each would deny what the other allows)"
            return
            ;;
    esac
    FIREWALL_FOUND=${active% }
    log "firewall: $FIREWALL_FOUND is active; later steps will open the ports that this host's role needs"
    [[ -n $(node_networks) ]] ||
        fault "firewall.hostSubnets: got none, expected the nodes' networks, because no interface of this host has a network with ${FIREWALL_ADDRESSES[*]}"
    dispatch FIREWALLS "$FIREWALL_FOUND" @_check
}
