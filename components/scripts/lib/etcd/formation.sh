# shellcheck shell=bash
# shellcheck disable=SC2153 # FOUNDERS is no misspelling of FOUNDER
# How this member starts. An etcd cluster is formed once: only a founding member, whose etcd never ran, may start it from
# the static list. Everybody else has data, or joins, or stops; a second cluster beside a living one is never made.
# Read: FOUNDER (the machine-id that the formation recorded for this host; empty: it may only join), FOUNDERS
# ("name=address …", every founding member), ETCD_PATIENCE (seconds, 30 where it is not given), and what lib/etcd/client.sh reads.

# Sets ETCD_STATE (new, existing, or kept for a member that has its data) and ETCD_INITIAL_CLUSTER.
etcd_decide() {
    local data=$1 members
    if [[ -z $(why_not_founder "$data") ]] && etcd_is_unformed; then
        etcd_found "$data"
    elif members=$(etcd_members); then
        etcd_join "$data" "$members"
    elif has_etcd_data "$data"; then
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
    else
        etcd_decide_without_quorum "$data"
    fi
}

# Why this host may not start etcd from the static list, in a sentence; empty where it may.
why_not_founder() {
    if [[ -z ${FOUNDER:-} ]]; then
        printf 'it is not a founding member of this cluster'
    elif [[ $FOUNDER != "$(</etc/machine-id)" ]]; then
        printf 'the founding member of this name was another machine (%s)' "$FOUNDER"
    elif [[ $ACTION != create ]] || host_is_member || etcd_ran_here "$1"; then
        printf 'etcd ran here before, and its data is gone'
    fi
}

# A member has data once it has a write-ahead log, which etcd moves into its place whole. One that ended before, since its
# list of members was wrong for one, leaves files that the next start must not find.
has_etcd_data() { [[ -e $1/member/wal ]]; }

set_etcd_data_aside() {
    if [[ -d $1/member ]]; then mv "$1/member" "$1/member.$(date +%s).stale"; fi
}

# etcd_ran_here DATA: this host shows that a member ran on it.
etcd_ran_here() {
    if [[ -e $STATE/etcd-ran ]]; then return; fi
    [[ -n $1 ]] && compgen -G "$1/member*/wal" >/dev/null
}

mark_etcd_ran() { write_file "$STATE/etcd-ran" 0600 </dev/null; }

# The static list has the founding members alone, whatever the program declares by now. A majority of them forms a cluster, so
# the others, which never ran, are too few to form a second one.
etcd_found() {
    local founder list=() declared=" $ETCD_ADDRESS " member count=0
    for member in $ETCD_PEERS; do declared+="${member#*=} "; done
    for founder in $FOUNDERS; do
        if [[ $declared == *" ${founder#*=} "* ]]; then count=$((count + 1)); fi
    done
    ((count > $(wc -w <<<"$FOUNDERS") / 2)) ||
        die "this cluster was to be formed by $FOUNDERS, and only $count of them are declared by now, which are no quorum. $MAY_NOT_FORM"
    set_etcd_data_aside "$1"
    for founder in $FOUNDERS; do list+=("${founder%%=*}=$(etcd_url "${founder#*=}" "$ETCD_PEER_PORT")"); done
    ETCD_STATE=new
    ETCD_INITIAL_CLUSTER=$(IFS=, && printf '%s' "${list[*]}")
}

# Nothing answers for a quorum. A member may hang, or be restarting, so silence counts only after some time.
etcd_decide_without_quorum() {
    local data=$1 members reason since=$SECONDS patience=${ETCD_PATIENCE:-30}
    reason=$(why_not_founder "$data")
    log "waiting for a quorum of etcd at ${ETCD_PEERS:-no other member} (at most ${patience}s)"
    while ((SECONDS - since < patience)); do
        sleep 1
        if members=$(etcd_members); then
            etcd_join "$data" "$members"
            return
        fi
        if [[ -z $reason ]] && etcd_is_unformed; then
            etcd_found "$data"
            return
        fi
    done
    if [[ -z $reason ]] && etcd_was_formed; then
        reason="a member that answers knows a cluster that was formed before"
    fi
    if [[ -n $reason ]]; then
        die "no etcd quorum answers at ${ETCD_PEERS:-any other member}, and this host may not form a new cluster:" \
            "$reason. $MAY_NOT_FORM"
    fi
    etcd_found "$data"
}

readonly MAY_NOT_FORM="What to do: docs/runbooks.md, 'A node may not form a new cluster'"

# Every other founding member is on a host that refuses the connection, as no etcd runs there, or has never seen a quorum.
# One that is silent may live. The others are not asked: they can only have joined what founding members formed.
etcd_is_unformed() {
    local address
    for address in $(other_addresses "$FOUNDERS"); do
        [[ $(etcd_found_at "$address") =~ ^(nobody|forming)$ ]] || return 1
    done
}

etcd_was_formed() {
    local address
    for address in $(other_addresses "$FOUNDERS $ETCD_PEERS"); do
        if [[ $(etcd_found_at "$address") == formed ]]; then return 0; fi
    done
    return 1
}

# other_addresses MEMBERS: of "name=address …" those that are not this host's.
other_addresses() {
    local member
    for member in $1; do printf '%s\n' "${member#*=}"; done | grep -vxF "$ETCD_ADDRESS" | sort -u || true
}

# Asked at the peer port, where a member tells what it knows itself before there is a quorum (etcdserver/api/etcdhttp,
# peer.go). A member publishes its client URLs through a quorum; where nobody has any, there never was one.
etcd_found_at() {
    local members
    if members=$(etcd_curl "$(etcd_url "$1" "$ETCD_PEER_PORT")/members"); then
        if jq -e 'any(.[]; (.clientURLs // []) | length > 0)' <<<"$members" >/dev/null; then
            echo formed
        else
            echo forming
        fi
    elif [[ $(etcd_curl "$(etcd_url "$1" "$ETCD_PEER_PORT")/members" --verbose 2>&1) == *"Connection refused"* ]]; then
        echo nobody
    else
        echo unclear
    fi
}

# etcd_join DATA MEMBERS: a quorum answered.
etcd_join() {
    local data=$1 members=$2 id
    id=$(etcd_self "$members" ID)
    if [[ -n $id ]] && has_etcd_data "$data"; then
        # A join that was cut may have come this far without it.
        with_leaving_members "$members"
        open_firewall
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    # Whatever lies on this disk, the quorum does not know it: it is kept aside, never started again.
    set_etcd_data_aside "$data"
    # A member tells its client URLs when it starts. One without has promised nobody anything yet: it was slower than the
    # quorum of a cluster that starts, or was cut after it was added.
    if [[ -n $id && -n $(etcd_self "$members" clientURLs) ]]; then
        log "etcd knows this member as started, but its disk is empty: replacing it"
        etcd_remove_member "$id"
        id=""
    fi
    if [[ -z $id ]]; then
        etcd_remove_silent "$members"
        etcd_add_learner
    fi
    members=$(etcd_members) || die "etcd lost its quorum while this member was joining; rerun when it is back"
    with_leaving_members "$members"
    open_firewall
    ETCD_STATE=existing
    ETCD_INITIAL_CLUSTER=$(etcd_initial_cluster "$members")
}

# etcd admits one learner at a time, which is the lock: who comes second waits until the first is promoted.
etcd_add_learner() {
    wait_for 180 "etcd to take $ETCD_NAME as a learner" \
        etcd_ask cluster/member/add "{\"peerURLs\":[\"$(etcd_peer_url)\"],\"isLearner\":true}"
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
    id=$(etcd_self "$members" ID)
    [[ $(etcd_self "$members" isLearner) == true ]] || return 0
    wait_for 180 "etcd to promote $ETCD_NAME to a voting member" etcd_ask cluster/member/promote "{\"ID\":\"$id\"}"
}
