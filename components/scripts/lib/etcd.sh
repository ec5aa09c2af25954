# shellcheck shell=bash
# etcd membership is decided by what the cluster says, through etcd's own JSON gateway, so no etcdctl is needed.
# Read: ETCD_RUNTIME (what runs a member here: kubeadm, systemd, static-pod; or none, and ETCD_ENDPOINTS are asked),
# ETCD_NAME, ETCD_ADDRESS (this member), ETCD_PEERS ("name=address …", the others).

etcd_url() {
    local address=$1 port=$2
    [[ $address != *:* ]] || address="[$address]"
    printf 'https://%s:%s' "$address" "$port"
}

# Whom to ask: the other members first, since this one may be what is asked about.
etcd_urls() {
    local peer
    if [[ $ETCD_RUNTIME == none ]]; then
        tr ' ' '\n' <<<"$ETCD_ENDPOINTS"
        return
    fi
    for peer in $ETCD_PEERS; do printf '%s\n' "$(etcd_url "${peer#*=}" 2379)"; done
    printf '%s\n' "$(etcd_url "$ETCD_ADDRESS" 2379)"
}

# The files to show to etcd, and to know it by.
etcd_credentials() {
    case $ETCD_RUNTIME in
        kubeadm) printf '%s\n' "$PKI/etcd/ca.crt" "$PKI/etcd/healthcheck-client" ;;
        none) printf '%s\n' "$PKI/etcd/ca.crt" "$PKI/apiserver-etcd-client" ;;
        *) printf '%s\n' "$ETCD_PKI/ca.crt" "$ETCD_PKI/healthcheck-client" ;;
    esac
}

etcd_call() {
    local url=$1 path=$2 body=$3 files
    mapfile -t files < <(etcd_credentials)
    curl --silent --fail --max-time 5 --connect-timeout 2 --cacert "${files[0]}" --cert "${files[1]}.crt" \
        --key "${files[1]}.key" --data "$body" "$url/v3/$path"
}

# etcd_ask PATH BODY: the first that does it.
etcd_ask() {
    local url
    for url in $(etcd_urls); do
        etcd_call "$url" "$1" "$2" && return
    done
    return 1
}

# Prints the members as a quorum knows them; fails when nobody answers for a quorum. A linearizable read is the proof of
# a quorum: a member that lost its leader does not answer it.
etcd_members() { etcd_ask cluster/member/list '{"linearizable":true}'; }

etcd_peer_url() { etcd_url "$ETCD_ADDRESS" 2380; }

# etcd_self MEMBERS FIELD: of the entry with this member's peer URL; empty when there is none.
etcd_self() {
    jq -r --arg url "$(etcd_peer_url)" --arg field "$2" \
        '.members[] | select(.peerURLs | index($url)) | .[$field] // "" | tostring' <<<"$1"
}

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
        # A join that was cut may have come this far without it.
        with_leaving_members "$members"
        open_firewall
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    # Whatever lies on this disk, the quorum does not know it: it is kept aside, never started again.
    [[ ! -d $data/member ]] || mv "$data/member" "$data/member.$(date +%s).stale"
    # A member tells its client URLs when it starts. One without has promised nobody anything yet: it was slower than the
    # quorum of a cluster that starts, or was cut after it was added.
    if [[ -n $id && -n $(etcd_self "$members" clientURLs) ]]; then
        log "etcd knows this member as started, but its disk is empty: replacing it"
        etcd_remove "$id"
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

etcd_decide_alone() {
    if [[ -d $1/member ]]; then
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
        return
    fi
    [[ $ACTION == create ]] || die "this host's etcd data is gone and no etcd quorum answers at ${ETCD_PEERS:-any peer}." \
        "The cluster existed before, so none is made anew: start the other members, or restore a snapshot (docs/runbooks.md, 'Quorum lost')"
    ETCD_STATE=new
    ETCD_INITIAL_CLUSTER="$ETCD_NAME=$(etcd_peer_url)"
    local peer
    for peer in $ETCD_PEERS; do ETCD_INITIAL_CLUSTER+=,${peer%%=*}=$(etcd_url "${peer#*=}" 2380); done
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

# The member on this host; where there is none, any.
etcd_is_healthy() {
    if [[ $ETCD_RUNTIME == none ]]; then etcd_members; else etcd_call_here cluster/member/list '{"linearizable":true}'; fi
}

etcd_call_here() { etcd_call "$(etcd_url "$ETCD_ADDRESS" 2379)" "$1" "$2"; }
