# shellcheck shell=bash
# ufw: adds rules with a comment of our own after the administrator's, so that what those reject stays rejected. Where a rule of the
# administrator's already allows the same, adds none.

ufw_is_active() { command -v ufw >/dev/null && [[ $(ufw status 2>/dev/null) == "Status: active"* ]]; }

ufw_open() { ufw_add "$(ufw_wanted)"; }

ufw_sync() {
    local wanted
    wanted=$(ufw_wanted)
    ufw_delete "$(lines_missing "$wanted" "$(ufw_ours)")"
    ufw_add "$wanted"
}

ufw_close() {
    command -v ufw >/dev/null || return 0
    ufw_delete "$(ufw_ours)"
}

# Prints the wanted rules as `ufw show added` does.
ufw_wanted() {
    firewall_openings | ufw_ports
    ufw_networks
}

# ufw has no rule for IP-in-IP. None is needed: Calico's felix admits these packets from the cluster's nodes alone, by rules that it
# keeps before ufw's.
ufw_ports() {
    local protocol port source
    while read -r protocol port source; do
        ufw_filters "$source" || continue
        case "$protocol $source" in
            vrrp*) printf 'allow from %s proto vrrp\n' "$source" ;;
            ipip*) ;;
            *any) printf 'allow %s/%s\n' "${port/-/:}" "$protocol" ;;
            *) printf 'allow from %s to any port %s proto %s\n' "$source" "${port/-/:}" "$protocol" ;;
        esac
    done
}

# ufw drops forwarded packets. It sees a packet for a NodePort after kube-proxy has rewritten its destination to a pod, so it cannot
# tell it from other packets to that pod: where NodePorts are open to anyone, packets from anyone to pods pass.
ufw_networks() {
    local network source
    for network in "${FIREWALL_NETWORKS[@]}"; do
        ufw_filters "$network" || continue
        printf 'allow from %s\nroute allow from %s\n' "$network" "$network"
        if [[ $FIREWALL_PODS_FROM == any ]]; then
            printf 'route allow to %s\n' "$network"
        else
            for source in $(node_networks); do
                if [[ $(family_flag "$source") == "$(family_flag "$network")" ]]; then
                    printf 'route allow from %s to %s\n' "$source" "$network"
                fi
            done
        fi
    done
}

# ufw_filters SOURCE: false for IPv6 when ufw has IPV6=no: it does not filter IPv6 then, and accepts no rule for it.
ufw_filters() {
    if [[ $1 == *:* ]]; then grep -qi '^IPV6=yes' /etc/default/ufw; fi
}

ufw_added() { ufw show added | sed -n 's/^ufw //p'; }

ufw_ours() { ufw_added | sed -n "s/ comment '$FIREWALL_MARK'\$//p"; }

# Stops at a rule of the administrator's that denies the same: ufw keeps only the last verdict of a rule, so theirs would be lost.
ufw_add() {
    local rule verdict there words
    there=$(ufw_added | sed "s/ comment '.*'\$//")
    while read -r rule; do
        [[ -n $rule ]] || continue
        if grep -qxF -- "$rule" <<<"$there"; then continue; fi
        for verdict in deny reject limit; do
            if grep -qxF -- "${rule/allow/"$verdict"}" <<<"$there"; then
                die "ufw: got this host's own rule '${rule/allow/"$verdict"}', expected no such rule, because the cluster needs '$rule'; delete the rule"
            fi
        done
        log "ufw: $rule"
        read -ra words <<<"$rule"
        quietly ufw "${words[@]}" comment "$FIREWALL_MARK" || die "ufw refused a rule; see its error above"
    done <<<"$1"
}

ufw_delete() {
    local rule words
    while read -r rule; do
        [[ -n $rule ]] || continue
        log "ufw: deleting $rule"
        read -ra words <<<"$rule"
        if [[ ${words[0]} == route ]]; then words=(route delete "${words[@]:1}"); else words=(delete "${words[@]}"); fi
        quietly ufw "${words[@]}" || die "ufw did not delete a rule; see its error above"
    done <<<"$1"
}

ufw_check() {
    if [[ $FIREWALL_VRRP == true ]] && ! ufw --dry-run allow proto vrrp from 192.0.2.1 >/dev/null 2>&1; then
        fault "firewall: got a ufw without VRRP, which keepalived needs, expected version 0.36.2 or later"
    fi
    if grep -qiE '^DEFAULT_OUTPUT_POLICY="?(DROP|REJECT)' /etc/default/ufw; then
        fault "firewall: ufw denies outgoing connections, expected 'ufw default allow outgoing', because we add rules for incoming connections only"
    fi
}
