# shellcheck shell=bash
# Checks etcd before a node changes, and moves the leadership before a member stops.

# Called before the first change of this host, because a change that is under way could not continue without etcd.
wait_healthy_etcd() {
    wait_for 20 "etcd to accept writes" etcd_has_no_alarm
    if etcd_stops_with_kubelet; then
        wait_spare_quorum
    fi
}

# Waits longer while a declared member is no voter yet, because it may be joining in this run. First removes unreachable members that
# are no longer declared, for example after an interrupted run, so that they do not count.
wait_spare_quorum() {
    local seconds=20 members
    if members=$(etcd_members); then etcd_remove_unreachable "$members"; fi
    if etcd_lacks_voters; then seconds=240; fi
    wait_for "$seconds" "etcd to have a quorum without $ETCD_NAME" etcd_has_spare_quorum
}

etcd_lacks_voters() {
    local members
    members=$(etcd_members) && (($(voter_count "$members") < $(declared_member_count)))
}

voter_count() { jq '[.members[] | select(.isLearner | not)] | length' <<<"$1"; }

declared_member_count() { echo "$((${#ETCD_PEERS[@]} + 1))"; }

# True on the only control plane node, or the only host with etcd: it must be repairable while its own API or etcd does not answer.
changes_alone() {
    if [[ $ROLE == control-plane ]]; then
        [[ $ONLY_CONTROL_PLANE_NODE == true ]]
    else
        [[ $ETCD_RUNTIME != none ]] && ((${#ETCD_PEERS[@]} == 0))
    fi
}

# True for a member in a static pod, kubeadm's or ours.
etcd_stops_with_kubelet() { [[ $ETCD_RUNTIME == kubeadm || $ETCD_RUNTIME == static-pod ]]; }

# NOSPACE: the database has reached its quota (etcd.io, "Maintenance"). CORRUPT: members' data differ.
etcd_has_no_alarm() {
    local alarms
    if ! alarms=$(etcd_call_any maintenance/alarm '{"action":"GET"}'); then
        echo "etcd has no quorum"
        return 1
    fi
    alarms=$(jq -r '[.alarms[]?.alarm] | unique | join(" ")' <<<"$alarms")
    if [[ -n $alarms ]]; then
        echo "etcd has raised the alarm $alarms (docs/runbooks.md, 'etcd has raised an alarm')"
        return 1
    fi
}

# True when the other members are a quorum without this one, of the declared members too: while a lost member of three is being
# replaced there are only two voters. Clusters of one or two members cannot keep quorum during a change; we proceed anyway.
etcd_has_spare_quorum() {
    local members voters declared size name url answering=0
    if ! members=$(etcd_members); then
        # The only declared member has nothing to lose, and the change may be what repairs it.
        if ((${#ETCD_PEERS[@]} == 0)); then return; fi
        echo "etcd has no quorum"
        return 1
    fi
    voters=$(voter_count "$members")
    declared=$(declared_member_count)
    size=$((voters > declared ? voters : declared))
    if ((size <= 2)); then return; fi
    while read -r name url; do
        if [[ -z $name ]]; then continue; fi
        if etcd_call "$url" maintenance/status '{}' >/dev/null; then
            answering=$((answering + 1))
        else
            echo "etcd's member $name does not answer; repair or replace it first"
        fi
    done < <(other_voters "$members")
    if ((answering <= size / 2)); then
        echo "etcd has $voters voters of $declared declared members; without $ETCD_NAME $answering would answer, expected $((size / 2 + 1))"
        return 1
    fi
}

# other_voters MEMBERS: prints "name client-url" of each voter but this one.
other_voters() {
    jq -r --arg peer "$(etcd_peer_url)" '.members[] | select((.isLearner | not) and (.peerURLs | index($peer) | not))
        | "\(.name // .peerURLs[0]) \(.clientURLs[0] // "-")"' <<<"$1"
}

# Moves the leadership to another voter: a planned change takes one round trip, an unplanned one an election.
move_etcd_leadership() {
    local status members target self
    status=$(etcd_call_local maintenance/status '{}') || return 0
    self=$(jq -r .header.member_id <<<"$status")
    [[ $(jq -r .leader <<<"$status") == "$self" ]] || return 0
    members=$(etcd_call_local cluster/member/list '{"linearizable":true}') || return 0
    target=$(jq -r --arg self "$self" '[.members[] | select(.ID != $self and (.isLearner | not))][0].ID // empty' <<<"$members")
    [[ -n $target ]] || return 0
    etcd_call_local maintenance/transfer-leadership "{\"targetID\":\"$target\"}" >/dev/null || true
}
