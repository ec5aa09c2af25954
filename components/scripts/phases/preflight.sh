# shellcheck shell=bash
# Checks the host and changes nothing. Reports every fault, not only the first. Prints facts as JSON on standard output, so that
# the program can compare hosts with each other.

phase_preflight() {
    check_system
    check_capacity
    check_address
    check_kube_proxy
    check_interface_kinds
    check_programs
    check_firewall
    check_lvs
    check_identity
    check_clock
    if host_joined; then
        log "already a host of this cluster"
        check_keys
        check_etcd_layout
        check_network_stays
        check_endpoint_stays
        check_version_step
    else
        check_remains
        check_ports
        check_default_routes
        check_package_source
        if [[ $ENDPOINT_PLACEMENT == external ]]; then
            check_external_balancer
        fi
    fi
    check_reachable
    ((FAULTS == 0)) || die "$FAULTS preflight fault(s), listed above; no host was changed"
    print_facts
}

print_facts() {
    printf '{"machineId":"%s","hostname":"%s","architecture":"%s"' "$(</etc/machine-id)" "$(hostname)" "$(uname -m)"
    if [[ -n ${FIREWALL_FOUND:-} ]]; then
        printf ',"firewall":"%s","nodeNetworks":"%s"' "$FIREWALL_FOUND" "$(node_networks | xargs)"
    fi
    printf '}\n'
}
