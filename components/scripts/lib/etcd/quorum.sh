# shellcheck shell=bash
# What is asked of etcd before a node changes, and what a member owes the others before it stops.

# Before anything is taken from this host: in the middle there would be no way on.
wait_healthy_etcd() {
    wait_for 20 "etcd to take writes" etcd_has_no_alarm
    if etcd_stops_with_kubelet; then
        wait_spare_quorum
    fi
}

# A declared member that is no voter yet may be joining in this very run. One that is silent and not declared any more, since
# its host left after a run that was cut, must not count.
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

declared_member_count() { wc -w <<<"$ETCD_NAME $ETCD_PEERS"; }

# A member in a static pod, kubeadm's or ours.
etcd_stops_with_kubelet() { [[ $ETCD_RUNTIME == kubeadm || $ETCD_RUNTIME == static-pod ]]; }

# NOSPACE: its file has grown to its quota (etcd.io, "Maintenance"). CORRUPT: members differ.
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

# The others must be a quorum of the declared members too: while a lost one of three is being replaced there are two voters.
# One member, or two, can spare none: whoever has so few takes that upon them.
etcd_has_spare_quorum() {
    local members voters declared size name url answering=0
    if ! members=$(etcd_members); then
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
            echo "etcd's member $name does not answer; bring it back, or take it out of the program first"
        fi
    done < <(other_voters "$members")
    if ((answering <= size / 2)); then
        echo "etcd has $voters voters of $declared declared members; without $ETCD_NAME $answering would answer, expected $((size / 2 + 1))"
        return 1
    fi
}

# "name client-url" of each.
other_voters() {
    jq -r --arg peer "$(etcd_peer_url)" '.members[] | select((.isLearner | not) and (.peerURLs | index($peer) | not))
        | "\(.name // .peerURLs[0]) \(.clientURLs[0] // "-")"' <<<"$1"
}

# A planned leader change is one round trip; an unplanned one costs an election.
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
