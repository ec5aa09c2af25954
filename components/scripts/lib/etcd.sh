# shellcheck shell=bash
# etcd membership is decided by what the cluster says, through etcd's own JSON gateway, so no etcdctl is needed.
# Read: ETCD_NAME, ETCD_ADDRESS (this member), ETCD_PEERS ("name=address …", the others), ETCD_CA, ETCD_CERT, ETCD_KEY.

etcd_call() {
    local address=$1 path=$2 body=$3
    curl --silent --fail --max-time 5 --connect-timeout 2 --cacert "$ETCD_CA" --cert "$ETCD_CERT" --key "$ETCD_KEY" \
        --data "$body" "https://$address:2379/v3/$path"
}

# Prints the members as a quorum knows them, asking one peer after the other; fails when no peer answers for a quorum.
# A linearizable read is the proof of a quorum: a member that lost its leader does not answer it.
etcd_members() {
    local peer
    for peer in $ETCD_PEERS; do
        etcd_call "${peer#*=}" cluster/member/list '{"linearizable":true}' && return
    done
    return 1
}

# etcd_ask PATH BODY: the first peer that does it.
etcd_ask() {
    local peer
    for peer in $ETCD_PEERS; do
        etcd_call "${peer#*=}" "$1" "$2" && return
    done
    return 1
}

etcd_peer_url() { printf 'https://%s:2380' "$ETCD_ADDRESS"; }

# etcd_self MEMBERS FIELD: of the entry with this member's peer URL; empty when there is none.
etcd_self() {
    jq -r --arg url "$(etcd_peer_url)" --arg field "$2" \
        '.members[] | select(.peerURLs | index($url)) | .[$field] // "" | tostring' <<<"$1"
}

etcd_remove() { etcd_ask cluster/member/remove "{\"ID\":\"$1\"}" >/dev/null || die "etcd did not remove member $1"; }

# etcd admits one learner at a time, which is the lock: who comes second waits until the first is promoted.
etcd_add_learner() {
    wait_for 180 "etcd to take $ETCD_NAME as a learner" \
        etcd_ask cluster/member/add "{\"peerURLs\":[\"$(etcd_peer_url)\"],\"isLearner\":true}"
}

# Sets ETCD_STATE (new, existing, or kept for a member that has its data) and ETCD_INITIAL_CLUSTER.
etcd_decide() {
    local data=$1 members id
    if ! members=$(etcd_members); then
        etcd_decide_alone "$data"
        return
    fi
    id=$(etcd_self "$members" ID)
    if [[ -n $id && -d $data/member ]]; then
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    # Whatever lies on this disk, the quorum does not know it: it is kept aside, never started again.
    [[ ! -d $data/member ]] || mv "$data/member" "$data/member.$(date +%s).stale"
    if [[ -n $id && -n $(etcd_self "$members" name) ]]; then
        log "etcd knows this member as started, but its disk is empty: replacing it"
        etcd_remove "$id"
        id=""
    fi
    [[ -n $id ]] || etcd_add_learner
    members=$(etcd_members) || die "etcd lost its quorum while this member was joining; rerun when it is back"
    ETCD_STATE=existing
    ETCD_INITIAL_CLUSTER=$(etcd_initial_cluster "$members")
}

etcd_decide_alone() {
    if [[ -d $1/member ]]; then
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    [[ $ACTION == create ]] || die "this host's etcd data is gone and no etcd quorum answers at ${ETCD_PEERS:-any peer}." \
        "The cluster existed before, so none is made anew: start the other members, or restore a snapshot (docs/runbooks.md, 'Quorum lost')"
    ETCD_STATE=new
    ETCD_INITIAL_CLUSTER=$ETCD_NAME=$(etcd_peer_url)
    local peer
    for peer in $ETCD_PEERS; do ETCD_INITIAL_CLUSTER+=,${peer%%=*}=https://${peer#*=}:2380; done
}

# An entry that never started has no name yet; it is this one's when the peer URL is, else that of a declared peer.
etcd_initial_cluster() {
    jq -r --arg self "$ETCD_NAME" --arg url "$(etcd_peer_url)" \
        '[.members[] | (if (.peerURLs | index($url)) then $self else (.name // .peerURLs[0]) end) as $name
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

etcd_is_healthy() { etcd_call "$ETCD_ADDRESS" cluster/member/list '{"linearizable":true}'; }

# A planned leader change is one round trip; an unplanned one costs an election.
move_etcd_leadership() {
    local status members target self
    status=$(etcd_call "$ETCD_ADDRESS" maintenance/status '{}') || return 0
    self=$(jq -r .header.member_id <<<"$status")
    [[ $(jq -r .leader <<<"$status") == "$self" ]] || return 0
    members=$(etcd_call "$ETCD_ADDRESS" cluster/member/list '{"linearizable":true}') || return 0
    target=$(jq -r --arg self "$self" '[.members[] | select(.ID != $self and (.isLearner | not))][0].ID // empty' <<<"$members")
    [[ -n $target ]] || return 0
    etcd_call "$ETCD_ADDRESS" maintenance/transfer-leadership "{\"targetID\":\"$target\"}" >/dev/null || true
}
