# shellcheck shell=bash
# firewalld: uses three files of our own and changes no zone of the administrator's. A policy from any zone to the host opens the
# ports; it comes after the zones' own rules, so that what those reject stays rejected. A zone contains the pods' addresses. A policy
# from any zone to that zone lets nodes call pods (packets that kube-proxy rewrote pass anyway).
#
# New files need a reload, and a reload flushes every iptables rule of the host, kube-proxy's too. So the reload happens before
# there is a node; on a live node commands change the rules.

readonly FIREWALLD=/etc/firewalld
readonly FIREWALLD_ZONE=pulumi-kube-net FIREWALLD_HOST=pulumi-kube-host FIREWALLD_PODS=pulumi-kube-pods

firewalld_is_active() { systemctl --quiet is-active firewalld; }

firewalld_open() {
    if firewalld_is_loaded; then firewalld_sync_rules open; else firewalld_sync; fi
}

firewalld_sync() {
    firewalld_write_files
    if firewalld_is_loaded; then
        firewalld_sync_rules sync
    else
        log "firewalld: opening the ports that this host's role needs"
        quietly firewall-cmd --check-config || die "firewalld refused its configuration; see its error above"
        quietly firewall-cmd --reload || die "firewalld could not be reloaded; see its error above"
    fi
}

firewalld_policies() {
    printf '%s\n' "$FIREWALLD_HOST"
    if ((${#FIREWALL_NETWORKS[@]} > 0)); then
        printf '%s\n' "$FIREWALLD_PODS"
    fi
}

# True when firewalld has loaded our policies; files on the disk alone do not count.
firewalld_is_loaded() {
    local known policy
    known=" $(firewall-cmd --get-policies) " || die "firewalld does not answer; see its error above"
    for policy in $(firewalld_policies); do [[ $known == *" $policy "* ]] || return 1; done
}

firewalld_write_files() {
    local policy
    for policy in $(firewalld_policies); do
        firewalld_policy "$policy" | write_file "$FIREWALLD/policies/$policy.xml" 0644
    done
    if ((${#FIREWALL_NETWORKS[@]} > 0)); then
        firewalld_zone | write_file "$FIREWALLD/zones/$FIREWALLD_ZONE.xml" 0644
    fi
}

firewalld_zone() {
    local network
    printf '<?xml version="1.0" encoding="utf-8"?>\n<zone target="ACCEPT">\n'
    for network in "${FIREWALL_NETWORKS[@]}"; do printf '  <source address="%s"/>\n' "$network"; done
    printf '</zone>\n'
}

firewalld_policy() {
    local to=HOST
    if [[ $1 != "$FIREWALLD_HOST" ]]; then
        to=$FIREWALLD_ZONE
    fi
    printf '<?xml version="1.0" encoding="utf-8"?>\n<policy target="CONTINUE" priority="100">\n'
    printf '  <ingress-zone name="ANY"/>\n  <egress-zone name="%s"/>\n' "$to"
    firewalld_rules "$1" | sed -E 's|^rule( family="[^"]*")?|  <rule\1>|; s| (source address="[^"]*")|<\1/>|
        s| (port port="[^"]*" protocol="[^"]*"\|protocol value="[^"]*")|<\1/>|; s| accept$|<accept/></rule>|'
    printf '</policy>\n'
}

# firewalld_rules POLICY: prints its rules in firewalld's rich language, as `--list-rich-rules` does.
firewalld_rules() {
    local protocol port source
    if [[ $1 == "$FIREWALLD_PODS" ]]; then
        for source in $(node_networks); do printf 'rule%s accept\n' "$(firewalld_source "$source")"; done
        return
    fi
    firewall_openings | while read -r protocol port source; do
        case $protocol in
            vrrp) printf 'rule%s protocol value="vrrp" accept\n' "$(firewalld_source "$source")" ;;
            # By number, because in /etc/protocols `ipip` is another protocol, and the name of this one is not the same everywhere.
            ipip) printf 'rule%s protocol value="4" accept\n' "$(firewalld_source "$source")" ;;
            *) printf 'rule%s port port="%s" protocol="%s" accept\n' "$(firewalld_source "$source")" "$port" "$protocol" ;;
        esac
    done
}

firewalld_source() {
    case $1 in
        any) ;;
        *:*) printf ' family="ipv6" source address="%s"' "$1" ;;
        *) printf ' family="ipv4" source address="%s"' "$1" ;;
    esac
}

# firewalld_sync_rules open|sync: adds missing rules to the running policies; `sync` removes surplus rules too.
firewalld_sync_rules() {
    local policy wanted have rules
    for policy in $(firewalld_policies); do
        wanted=$(firewalld_rules "$policy")
        have=$(firewall-cmd --policy "$policy" --list-rich-rules)
        mapfile -t rules < <(lines_missing "$have" "$wanted")
        firewalld_change "$policy" add "${rules[@]}"
        mapfile -t rules < <(lines_missing "$wanted" "$have")
        if [[ $1 != open ]]; then
            firewalld_change "$policy" remove "${rules[@]}"
        fi
    done
}

firewalld_change() {
    local policy=$1 verb=$2
    shift 2
    (($#)) || return 0
    log "firewalld: $verb $# rule(s) of $policy"
    quietly firewall-cmd --policy "$policy" "${@/#/--$verb-rich-rule=}" || die "firewalld refused a rule; see its error above"
}

firewalld_close() {
    local files=("$FIREWALLD/policies/$FIREWALLD_HOST.xml" "$FIREWALLD/policies/$FIREWALLD_PODS.xml" "$FIREWALLD/zones/$FIREWALLD_ZONE.xml")
    if ! firewalld_is_active; then
        rm -f "${files[@]}"
        return
    fi
    [[ -e ${files[0]} || " $(firewall-cmd --get-policies) " == *" $FIREWALLD_HOST "* ]] || return 0
    log "firewalld: closing the ports that were opened for the cluster"
    rm -f "${files[@]}"
    if firewalld_is_permanent; then quietly firewall-cmd --reload; else firewalld_clear; fi
}

# Removes our rules from the running firewall without a reload, which would drop the administrator's runtime-only rules.
firewalld_clear() {
    local policy rules sources
    for policy in "$FIREWALLD_HOST" "$FIREWALLD_PODS"; do
        mapfile -t rules < <(firewall-cmd --policy "$policy" --list-rich-rules 2>/dev/null)
        firewalld_change "$policy" remove "${rules[@]}"
    done
    read -ra sources < <(firewall-cmd --zone "$FIREWALLD_ZONE" --list-sources 2>/dev/null || true) || true
    if ((${#sources[@]} > 0)); then
        quietly firewall-cmd --zone "$FIREWALLD_ZONE" "${sources[@]/#/--remove-source=}"
    fi
    log "firewalld: did not reload, because firewalld has rules that are not permanent; the next reload removes the empty zone $FIREWALLD_ZONE"
}

# True when a reload loses no rule that accepts traffic. Rejecting rules (fail2ban's bans) change all the time and are ignored.
firewalld_is_permanent() {
    local now
    now=$(firewalld_zones) && [[ $now == "$(firewalld_zones --permanent)" ]]
}

firewalld_zones() {
    firewall-cmd "$@" --list-all-zones | awk -v RS= -v ORS='\n\n' -v ours="$FIREWALLD_ZONE" '$1 != ours' |
        sed -E '/^\S/ s/ \(.*//; /^ +(interfaces|ingress-priority|egress-priority):/d; /^\s+rule .* (reject|drop)/d'
}

firewalld_check() {
    local network zone
    if ! firewall-cmd --get-policies >/dev/null 2>&1; then
        fault "firewall: got a firewalld without policies, expected version 0.9 or later"
        return
    fi
    for network in "${FIREWALL_NETWORKS[@]}"; do
        zone=$(firewall-cmd --permanent --get-zone-of-source "$network" 2>/dev/null) || continue
        [[ $zone == "$FIREWALLD_ZONE" ]] ||
            fault "firewall: got $network in firewalld's zone '$zone', expected it in no zone, because the cluster puts it in a zone of its own"
    done
    if [[ $KUBE_PROXY_MODE == iptables || $KUBE_PROXY_MODE == ipvs ]]; then
        log "firewall: a reload of firewalld flushes kube-proxy's rules until kube-proxy restores them; network.kubeProxy: nftables avoids that"
    fi
    if [[ " $(firewall-cmd --get-policies) " != *" $FIREWALLD_HOST "* ]] && ! firewalld_is_permanent; then
        fault "firewall: firewalld has rules that are not permanent, and would lose them with a reload, expected none" \
            -- "firewall-cmd --runtime-to-permanent keeps them, --reload drops them"
    fi
}
