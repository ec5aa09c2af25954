# shellcheck shell=bash
# Checks the host and changes nothing. Reports every fault, not only the first. Prints facts as JSON on standard output, so that
# the program can compare hosts with each other.
# Read: CA_VALID_FROM, KEY_DIGESTS, SECONDARY_ADDRESS, DEFAULT_ROUTES ("-4 -6"), PORTS ("6443 10250 …"), MINIMUM_MEMORY_MIB, MINIMUM_CPUS,
# SWAP_ALLOWED, KUBE_PROXY_MODE, DUMMY_INTERFACE; KUBERNETES_VERSION, ENDPOINT, ENDPOINT_PLACEMENT, ETCD_LAYOUT, ETCD_DATA, NETWORK, MUST_REACH ("https://… …");
# PACKAGE_SOURCE, with programs as files HOST_PACKAGES (false), STATIC_BINARIES, NEEDED_COMMANDS (one "command who calls
# it" a line); FIREWALL and what goes with it (lib/host/firewall.sh).

phase_preflight() {
    check_system
    check_capacity
    check_address
    check_kube_proxy
    check_dummy_interface
    check_programs
    check_firewall
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
        if [[ ${ENDPOINT_PLACEMENT:-} == external ]]; then
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
