# shellcheck shell=bash
# shellcheck disable=SC2153 # parameters, beside local names of what lies on the host
# Compares what a step was sent with the identity of this host: cluster, name, role, address, claim and machine. `prepare` leaves
# that identity on the host; every other step only compares, value by value, and changes no host that is another one.

readonly IDENTITY=$STATE/identity.env

# The version of what lies on a host. A host of a later version is refused, because this program does not know what it has.
readonly LAYOUT=1

# The head of prepare's input, and what the host knows of itself. Another claim means that another state, or a new resource of this one,
# has taken the host over: its administrator's certificate may be another one for that reason alone (lib/cluster/certificates.sh).
write_identity() {
    if [[ $(staged_value CLAIM) != "$CLAIM" ]]; then rm -f "$STATE/certificates"; fi
    {
        printf '%s' "$HEAD"
        printf '%s\n' "MACHINE_ID=$(</etc/machine-id)" "HOST_LAYOUT=$LAYOUT"
    } | write_file "$IDENTITY" 0600
}

# staged_value NAME: prints that value of this host's identity; empty where it has none.
staged_value() { value_in "$IDENTITY" "$1"; }

# desired_value NAME: the same of the desired state that is staged on this host.
desired_value() { value_in "$STATE/desired.env" "$1"; }

# A shell of its own reads the file, because in this shell these names have the values that the step was sent.
value_in() {
    [[ -r $1 ]] || return 0
    # shellcheck disable=SC2016 # expanded by that shell
    env -i bash -c 'source "$1" && printf "%s" "${!2:-}"' - "$1" "$2"
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

# Prints why a step of this cluster may not change this host; empty where it may. A claim is not compared: `prepare` takes over a
# host that is the same one in all else.
identity_fault() {
    local other name role address machine asked=""
    other=$(other_cluster)
    if [[ -n $other ]]; then
        printf 'this host belongs to another cluster (%s). %s' "$other" "$(ask_for_state)"
        return
    fi
    if (($(staged_value HOST_LAYOUT) + 0 > LAYOUT)); then
        printf 'a later version of pulumi-kubeadm has changed this host; use that version'
        return
    fi
    # A host whose first `up` was interrupted may become something else.
    host_joined && [[ -r $IDENTITY ]] || return 0
    name=$(staged_value NODE_NAME) role=$(staged_value ROLE) address=$(staged_value NODE_ADDRESS) machine=$(staged_value MACHINE_ID)
    if [[ $name != "$NODE_NAME" ]]; then
        asked="rename it"
    elif [[ $role != "$ROLE" ]]; then
        asked="make it a $(role_title "$ROLE")"
    elif [[ $address != "$NODE_ADDRESS" ]]; then
        asked="change its private address to $NODE_ADDRESS"
    elif [[ $machine != "$(</etc/machine-id)" ]]; then
        printf '/etc/machine-id: got %s, expected %s, because this disk is that of the live host %s' \
            "$(</etc/machine-id)" "$machine" "$name"
    fi
    if [[ -n $asked ]]; then
        printf '%s is %s %s of this cluster; to %s, remove %s%s, run "pulumi up", then add it; or put the former value back' \
            "$address" "$(role_title "$role")" "$name" "$asked" "$name" "$(odd_number "$role")"
    fi
}

# etcd has an odd number of members, so one alone cannot leave.
odd_number() {
    if [[ $1 == etcd || $1 == control-plane ]]; then printf ' (with an etcd member: and one more, because their number is odd)'; fi
}

role_title() {
    case $1 in
        control-plane) printf 'control plane node' ;;
        load-balancer) printf 'load balancer' ;;
        etcd) printf 'etcd member' ;;
        *) printf '%s' "$1" ;;
    esac
}

# Checked again by `prepare`, because another program may have taken the host since its preflight passed.
require_own_host() {
    local reason
    reason=$(identity_fault)
    if [[ -n $reason ]]; then
        die "$reason; nothing was changed"
    fi
}

# Checked by every step after `prepare`: the host is still as this program prepared it.
require_claimed_host() {
    local reason
    reason=$(identity_fault)
    if [[ -z $reason && ! -r $IDENTITY ]]; then
        reason="nothing is staged on this host; its prepare step has not run here"
    elif [[ -z $reason && $(staged_value CLAIM) != "$CLAIM" ]]; then
        reason="this host has another claim, because another stack or another copy of the state has prepared it since"
    elif [[ -z $reason && -n $DESIRED && $(staged_value DESIRED) != "$DESIRED" ]]; then
        reason="another desired state is staged on this host than this step was sent; run its prepare step too (pulumi up without --target)"
    fi
    if [[ -n $reason ]]; then
        die "$reason; nothing was changed"
    fi
}

# A host that serves a cluster is never to be reset.
ask_for_state() {
    printf 'Is this the right stack, and does it have its state? If its state is lost: docs/runbooks.md, '"'The state is lost'"
    if host_serves; then return; fi
    printf '. Only if that cluster is gone for good, reset the host (docs/runbooks.md, '"'Reset a host'"')'
}

# True on a control plane node and on a worker node.
is_node() { [[ $ROLE == control-plane || $ROLE == worker ]]; }

host_serves() { systemctl --quiet is-active kubelet 2>/dev/null || systemctl --quiet is-active etcd 2>/dev/null; }

# Prints why a release must leave this host as it is; empty where the host is the one that left the program.
release_refusal() {
    local reason
    reason=$(identity_fault)
    if [[ -n $reason ]]; then
        printf '%s' "$reason"
    elif host_joined && [[ ! -r $IDENTITY || ! -r $STATE/desired.env ]]; then
        printf 'files in %s are missing, so what this host is and has is unknown' "$STATE"
    elif [[ -r $IDENTITY && $(staged_value CLAIM) != "$CLAIM" ]]; then
        printf 'it has another claim, because the program has added it again'
    fi
}
