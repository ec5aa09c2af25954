# shellcheck shell=bash
# Joins this member to a cluster that has a quorum: as a learner first, which votes once it has the leader's log.
# Read: what lib/etcd/client.sh reads.

# etcd_join DATA MEMBERS: a quorum answered.
etcd_join() {
    local data=$1 members=$2 id
    id=$(etcd_own_entry "$members" ID)
    if [[ -n $id ]] && etcd_has_data "$data"; then
        # A join that was cut may have come this far without it.
        add_openings_for_undeclared_members "$members"
        open_firewall
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    # Whatever lies on this disk, the quorum does not know it: it is kept aside, never started again.
    set_etcd_data_aside "$data"
    # A member tells its client URLs when it starts. One without has promised nobody anything yet: it was slower than the
    # quorum of a cluster that starts, or was cut after it was added.
    if [[ -n $id && -n $(etcd_own_entry "$members" clientURLs) ]]; then
        log "etcd knows this member as started, but its disk is empty: replacing it"
        etcd_remove_member "$id"
        id=""
    fi
    if [[ -z $id ]]; then
        etcd_remove_unreachable "$members"
        etcd_add_learner
    fi
    members=$(etcd_members) || die "etcd lost its quorum while this member was joining; rerun when it is back"
    add_openings_for_undeclared_members "$members"
    open_firewall
    ETCD_STATE=existing
    ETCD_INITIAL_CLUSTER=$(etcd_initial_cluster "$members")
}

# etcd admits one learner at a time, which is the lock: who comes second waits until the first is promoted.
etcd_add_learner() {
    wait_for 180 "etcd to take $ETCD_NAME as a learner" \
        etcd_call_any cluster/member/add "{\"peerURLs\":[\"$(etcd_peer_url)\"],\"isLearner\":true}"
}

# An entry that never started has no name yet; it is this one's when the peer URL is. etcd takes entries of one name for one
# member, so the machine that had this name before, and still answers, goes by its id.
etcd_initial_cluster() {
    jq -r --arg self "$ETCD_NAME" --arg url "$(etcd_peer_url)" \
        '[.members[] | (if (.peerURLs | index($url)) then $self
            elif .name == $self then .ID else (.name // .peerURLs[0]) end) as $name
          | .peerURLs[] | "\($name)=\(.)"] | join(",")' <<<"$1"
}

# A learner becomes a voter once it has the leader's log; until then etcd refuses, and that is waited for.
etcd_promote() {
    local members id
    members=$(etcd_members) || return 0
    id=$(etcd_own_entry "$members" ID)
    [[ $(etcd_own_entry "$members" isLearner) == true ]] || return 0
    wait_for 180 "etcd to promote $ETCD_NAME to a voting member" etcd_call_any cluster/member/promote "{\"ID\":\"$id\"}"
}
