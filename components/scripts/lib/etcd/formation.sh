# shellcheck shell=bash
# shellcheck disable=SC2153 # FOUNDERS is no misspelling of FOUNDER
# Decides how this member starts. An etcd cluster is formed once: only a founding member whose etcd never ran may start from the
# static list. Any other member has data, joins, or stops with an error; it never forms a second cluster beside a live one.

# How long a member waits for a quorum, in seconds, before it decides that the members that do not answer are down. A test shortens it.
ETCD_PATIENCE=30

# etcd_choose_join_mode DATA: sets ETCD_STATE (new, existing, or kept for a member that has its data) and ETCD_INITIAL_CLUSTER.
etcd_choose_join_mode() {
    local data=$1 members
    if [[ -z $(why_may_not_form "$data") ]] && etcd_never_formed; then
        etcd_form_cluster "$data"
    elif members=$(etcd_members); then
        etcd_join "$data" "$members"
    elif etcd_has_data "$data"; then
        ETCD_STATE=kept ETCD_INITIAL_CLUSTER=""
    else
        etcd_choose_without_quorum "$data"
    fi
}

# Prints why this host may not start etcd from the static list; empty where it may.
why_may_not_form() {
    if [[ -z $FOUNDER ]]; then
        printf 'it is not a founding member of this cluster'
    elif [[ $FOUNDER != "$(</etc/machine-id)" ]]; then
        printf 'the founding member of this name was another machine (%s)' "$FOUNDER"
    elif [[ $ACTION != create ]] || host_joined || etcd_ran_here "$1"; then
        printf 'etcd ran here before, and its data is gone'
    fi
}

# The static list has only the founding members, whatever the program declares by now. A majority of them forms the cluster, so
# the remaining ones, which never ran, are too few to form a second one.
etcd_form_cluster() {
    local founder list=() declared=" $ETCD_ADDRESS " member count=0
    for member in "${ETCD_PEERS[@]}"; do declared+="${member#*=} "; done
    for founder in "${FOUNDERS[@]}"; do
        if [[ $declared == *" ${founder#*=} "* ]]; then count=$((count + 1)); fi
    done
    ((count > ${#FOUNDERS[@]} / 2)) ||
        die "the founding members of this etcd cluster are ${FOUNDERS[*]}; got $count of them in the configuration, expected a majority. $MAY_NOT_FORM"
    set_etcd_data_aside "$1"
    for founder in "${FOUNDERS[@]}"; do list+=("${founder%%=*}=$(etcd_url "${founder#*=}" "$ETCD_PEER_PORT")"); done
    ETCD_STATE=new
    ETCD_INITIAL_CLUSTER=$(IFS=, && printf '%s' "${list[*]}")
}

# Without a quorum: waits, because a member may hang or be restarting, before it takes a silent member for absent.
etcd_choose_without_quorum() {
    local data=$1 members reason since=$SECONDS others="${ETCD_PEERS[*]}"
    reason=$(why_may_not_form "$data")
    log "waiting for a quorum of etcd at ${others:-no other member} (at most ${ETCD_PATIENCE}s)"
    while ((SECONDS - since < ETCD_PATIENCE)); do
        sleep 1
        if members=$(etcd_members); then
            etcd_join "$data" "$members"
            return
        fi
        if [[ -z $reason ]] && etcd_never_formed; then
            etcd_form_cluster "$data"
            return
        fi
    done
    if [[ -z $reason ]] && etcd_was_formed; then
        reason="another member reports that this cluster was formed before"
    fi
    if [[ -n $reason ]]; then
        die "no etcd quorum answers at ${others:-any other member}, and this host may not form a new cluster:" \
            "$reason. $MAY_NOT_FORM"
    fi
    etcd_form_cluster "$data"
}

readonly MAY_NOT_FORM="What to do: docs/runbooks.md, 'A node may not form a new cluster'"

# True when every other founding member either refuses the connection, because no etcd runs there, or has never seen a quorum. A
# silent one may be alive. Members that are not founders are not asked: they can only have joined what founders formed.
etcd_never_formed() {
    local address
    for address in $(other_addresses "${FOUNDERS[@]}"); do
        [[ $(etcd_formation_at "$address") =~ ^(nobody|forming)$ ]] || return 1
    done
}

etcd_was_formed() {
    local address
    for address in $(other_addresses "${FOUNDERS[@]}" "${ETCD_PEERS[@]}"); do
        if [[ $(etcd_formation_at "$address") == formed ]]; then return 0; fi
    done
    return 1
}

# other_addresses MEMBER…: prints the addresses of `name=address` that are not this host's.
other_addresses() {
    lines "${@#*=}" | grep -vxF "$ETCD_ADDRESS" | sort -u || true
}

# etcd_formation_at ADDRESS: prints formed, forming, nobody (no etcd runs there) or unclear. Asks at the peer port, where a member
# answers with its own knowledge even without a quorum (etcdserver/api/etcdhttp, peer.go). A member publishes its client URLs
# through a quorum; where no member has any, there never was one.
etcd_formation_at() {
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
