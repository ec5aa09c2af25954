# shellcheck shell=bash
# Removes members of etcd that the program does not declare. Declared are this host's member and ETCD_PEERS, told by their
# peer URLs.

# Prints the members. A quorum that elects a leader is waited for; an answer without members is no answer.
wait_etcd_members() { wait_for_output 20 "a quorum of etcd" etcd_members_of_quorum; }

etcd_members_of_quorum() {
    local members
    if ! members=$(etcd_members) || ! jq --exit-status '.members | length > 0' <<<"$members" >/dev/null; then
        echo "etcd has no quorum, so its members cannot change (docs/runbooks.md, 'Quorum lost')" >&2
        return 1
    fi
    printf '%s\n' "$members"
}

# undeclared_members MEMBERS: a JSON list.
undeclared_members() {
    local peer declared
    declared=$(etcd_peer_url)
    for peer in $ETCD_PEERS; do declared+=" $(etcd_url "${peer#*=}" "$ETCD_PEER_PORT")"; done
    jq --compact-output --arg declared "$declared" '($declared | split(" ")) as $urls
        | [.members[] | select((.peerURLs - $urls) == .peerURLs)]' <<<"$1"
}

# undeclared_member_lines MEMBERS: "id peer-url" of every member that the program does not have.
undeclared_member_lines() { undeclared_members "$1" | jq -r '.[] | "\(.ID) \(.peerURLs[0])"'; }

# members_of_node MEMBERS NODE ADDRESS: "id peer-url" of the undeclared ones that are at the node's address or have its
# name: a member on a control plane node is called like the node.
members_of_node() {
    undeclared_members "$1" | jq -r --arg name "$2" --arg url "$(etcd_url "$3" "$ETCD_PEER_PORT")" \
        '.[] | select(.name == $name or (.peerURLs | index($url))) | "\(.ID) \(.peerURLs[0])"'
}

# superseded_members MEMBERS: "id peer-url" of the undeclared ones whose name a declared voter has: the node's former machine.
superseded_members() {
    local undeclared
    undeclared=$(undeclared_members "$1") || return
    jq -r --argjson undeclared "$undeclared" '
        [(.members - $undeclared)[] | select(.isLearner | not) | .name // empty] as $names
        | $undeclared[] | select(.name | IN($names[])) | "\(.ID) \(.peerURLs[0])"' <<<"$1"
}

# etcd takes nobody in while a member is silent; one that the program does not have any more is in nobody's way.
etcd_remove_unreachable() {
    local undeclared id url
    undeclared=$(undeclared_member_lines "$1") || die "the list of etcd's members cannot be read"
    while read -r id url; do
        if [[ -z $id ]] || url_answers "$url"; then continue; fi
        log "$url is silent and not declared: removing it from etcd"
        etcd_remove_member "$id"
    done <<<"$undeclared"
}

# etcd_remove_members LIST WHY: LIST has an "id peer-url" a line.
etcd_remove_members() {
    local id url
    while read -r id url; do
        if [[ -z $id ]]; then continue; fi
        log "removing the member at $url: $2"
        etcd_remove_member "$id"
    done <<<"$1"
}

# Somebody else may have removed it meanwhile, which is as good.
etcd_remove_member() {
    local members
    if etcd_call_any cluster/member/remove "{\"ID\":\"$1\"}" >/dev/null; then return; fi
    members=$(wait_etcd_members) || exit 1
    if jq --exit-status --arg id "$1" 'any(.members[]; .ID == $id)' <<<"$members" >/dev/null; then
        die "etcd did not remove member $1"
    fi
}
