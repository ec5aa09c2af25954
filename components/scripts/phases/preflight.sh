# shellcheck shell=bash
# Checks the host and changes nothing. Reports every fault, not only the first. Prints facts as JSON on standard output, so that
# the program can compare hosts with each other.

phase_preflight() {
    local name
    read_aliases
    for name in $CHECKS; do is_left_out "$name" || dispatch CHECKS "$name" check_@; done
    if host_joined; then
        log "already a host of this cluster"
        for name in $LIVE_HOST_CHECKS; do is_left_out "$name" || dispatch LIVE_HOST_CHECKS "$name" check_@; done
    else
        for name in $NEW_HOST_CHECKS; do is_left_out "$name" || dispatch NEW_HOST_CHECKS "$name" check_@; done
    fi
    report_checks
    print_facts
}

print_facts() {
    printf '{"machineId":"%s","architecture":"%s","time":%s' "$(</etc/machine-id)" "$(uname -m)" "$(date +%s)"
    if [[ -n ${HOST_HOSTNAME:-} ]]; then printf ',"hostname":"%s"' "$HOST_HOSTNAME"; fi
    if [[ -n ${FIREWALL_FOUND:-} ]]; then
        printf ',"firewall":"%s","nodeNetworks":"%s"' "$FIREWALL_FOUND" "$(node_networks | xargs)"
    fi
    if ((${#UNREACHED[@]})); then printf ',"unreached":["%s"]' "$(lines "${UNREACHED[@]}" | sed -z 's/\n$//; s/\n/","/g')"; fi
    printf '}\n'
}
