# shellcheck shell=bash
# Checks that a step was sent the parameters that it needs (lib/core/parameters.sh): bash reads a list that is not set as an empty one.

# expect CASE: ends the phase when a parameter of that CASE is not set.
expect() {
    local name
    for name in ${EXPECTED[$1]:-}; do
        declare -p "$name" &>/dev/null || die "the parameter $name is missing: scripts and program are of different versions"
    done
}

# The parameters of the etcd member and of the parts of the load balancer that the desired state names.
expect_parts() {
    local part
    expect "etcd/$ETCD_RUNTIME"
    for part in "${LOAD_BALANCER[@]}"; do
        expect "part/$part"
        if [[ $part == node-local ]]; then expect "part/$NODE_LOCAL_PROXY"; fi
    done
}
