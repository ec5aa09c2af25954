# shellcheck shell=bash
# Joins this member to a cluster that has a quorum: as a learner first, which votes once it has the leader's log.

# etcd_join DATA MEMBERS: joins the quorum that answered with MEMBERS.
etcd_join() {
    local data=$1 members=$2 id
    id=$(etcd_own_entry "$members" ID)
    if [[ -n $id ]] && etcd_has_data "$data"; then
        # An interrupted join may have got here before it opened the firewall.
        add_openings_for_undeclared_members "$members"
        open_firewall
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    # The quorum does not know the data on this disk, so it is kept aside and never started again.
    set_etcd_data_aside "$data"
    # A member publishes its client URLs when it starts. One without has never voted: it was slower than the quorum of a forming
    # cluster, or was interrupted after it was added.
    if [[ -n $id && -n $(etcd_own_entry "$members" clientURLs) ]]; then
        log "etcd lists this member as started, but this host has no data of it: replacing the member"
        etcd_remove_member "$id"
        id=""
    fi
    if [[ -z $id ]]; then
        etcd_remove_unreachable "$members"
        etcd_add_learner
    fi
    members=$(etcd_members) || die "etcd lost its quorum while this member was joining; rerun when etcd has a quorum again"
    add_openings_for_undeclared_members "$members"
    open_firewall
    ETCD_STATE=existing
    ETCD_INITIAL_CLUSTER=$(etcd_initial_cluster "$members")
}

# etcd admits one learner at a time, which serves as the lock: a second one waits until the first is promoted.
etcd_add_learner() {
    wait_for 180 "etcd to add $ETCD_NAME as a learner" etcd_adds_learner
}

# A call whose answer was lost may have been carried out.
etcd_adds_learner() {
    local members
    etcd_call_any cluster/member/add "{\"peerURLs\":[\"$(etcd_peer_url)\"],\"isLearner\":true}" && return
    members=$(etcd_members) && [[ -n $(etcd_own_entry "$members" ID) ]]
}

# Prints the value of initial-cluster. An entry that never started has no name yet; the peer URL identifies this member's. etcd takes
# entries of one name for one member, so the former machine of this name, where it still answers, is listed by its id.
etcd_initial_cluster() {
    jq -r --arg self "$ETCD_NAME" --arg url "$(etcd_peer_url)" \
        '[.members[] | (if (.peerURLs | index($url)) then $self
            elif .name == $self then .ID else (.name // .peerURLs[0]) end) as $name
          | .peerURLs[] | "\($name)=\(.)"] | join(",")' <<<"$1"
}

# Waits until etcd promotes this learner: etcd refuses until the learner has the leader's log.
etcd_promote() {
    local members id
    if [[ $ETCD_STATE == existing || $ETCD_STATE == kept ]]; then
        members=$(wait_for_output 180 "etcd to list its members" etcd_members)
    else
        members=$(etcd_members) || return 0
    fi
    id=$(etcd_own_entry "$members" ID)
    [[ $(etcd_own_entry "$members" isLearner) == true ]] || return 0
    wait_for 180 "etcd to promote $ETCD_NAME to a voting member" etcd_promotes_learner "$id"
}

etcd_promotes_learner() {
    local members
    etcd_call_any cluster/member/promote "{\"ID\":\"$1\"}" && return
    members=$(etcd_members) && [[ -n $(etcd_own_entry "$members" ID) && $(etcd_own_entry "$members" isLearner) != true ]]
}
