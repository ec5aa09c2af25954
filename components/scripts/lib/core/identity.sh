# shellcheck shell=bash
# shellcheck disable=SC2153 # parameters, beside local names of what lies on the host
# Compares the identity of this host with the identity that a step was sent: cluster, name, role, address and claim. Reads the
# staged state value by value, because sourcing it would replace what was sent, and the host would be compared with itself.
# Read: CLUSTER_ID, NODE_NAME, ROLE, NODE_ADDRESS (preflight, prepare, release); CLAIM (prepare, release).

# staged_value NAME: prints that parameter of the desired state on this host; empty where there is none.
staged_value() {
    [[ -r $STATE/desired.env ]] || return 0
    (
        unset "$1"
        # shellcheck source=/dev/null
        source "$STATE/desired.env"
        printf '%s' "${!1:-}"
    )
}

# Prints the id of the other cluster that this host belongs to; empty where it belongs to none.
other_cluster() {
    local id
    id=$(staged_value CLUSTER_ID)
    if [[ -e $STATE/joined ]]; then
        id=$(<"$STATE/joined")
    fi
    if [[ $id != "$CLUSTER_ID" ]]; then
        printf '%s' "$id"
    fi
}

# Prints why this host is not the one that the step was sent to; empty where it is. Only a live host keeps its identity: a host
# whose bootstrap was interrupted may become something else.
identity_fault() {
    local name role address asked=""
    host_joined && [[ -r $STATE/desired.env ]] || return 0
    name=$(staged_value NODE_NAME) role=$(staged_value ROLE) address=$(staged_value NODE_ADDRESS)
    if [[ $name != "$NODE_NAME" ]]; then
        asked="rename it"
    elif [[ $role != "$ROLE" ]]; then
        asked="make it a $(role_title "$ROLE")"
    elif [[ $address != "$NODE_ADDRESS" ]]; then
        asked="change its private address to $NODE_ADDRESS"
    fi
    if [[ -n $asked ]]; then
        printf '%s is %s %s of this cluster; to %s, remove %s, run "pulumi up", then add it' \
            "$address" "$(role_title "$role")" "$name" "$asked" "$name"
    fi
}

role_title() {
    case $1 in
        control-plane) printf 'control plane node' ;;
        load-balancer) printf 'load balancer' ;;
        etcd) printf 'etcd member' ;;
        *) printf '%s' "$1" ;;
    esac
}

# Checked again before the first change, because another program may have taken the host since its preflight passed.
require_own_host() {
    local other fault
    other=$(other_cluster)
    if [[ -n $other ]]; then
        die "this host belongs to another cluster ($other); nothing was changed. $ASK_FOR_STATE"
    fi
    fault=$(identity_fault)
    if [[ -n $fault ]]; then
        die "$fault; nothing was changed"
    fi
}

readonly ASK_FOR_STATE="Is this the right stack, and does it have its state? \
Only if that cluster is gone for good, reset the host (docs/runbooks.md, 'Reset a host')"

# Prints why a release must leave this host as it is; empty where the host is the one that left the program.
release_refusal() {
    local other fault
    other=$(other_cluster) fault=$(identity_fault)
    if [[ -n $other ]]; then
        printf 'it belongs to another cluster (%s)' "$other"
    elif host_joined && [[ ! -r $STATE/desired.env ]]; then
        printf '%s/desired.env is missing, so the name and role of this host are unknown' "$STATE"
    elif [[ -n $fault ]]; then
        printf '%s' "$fault"
    elif [[ -r $STATE/desired.env && $(staged_value CLAIM) != "$CLAIM" ]]; then
        printf 'it has another claim, because the program has added it again'
    fi
}
