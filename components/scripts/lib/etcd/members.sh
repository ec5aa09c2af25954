# shellcheck shell=bash
# Removes etcd members that the program does not declare. This host's member and ETCD_PEERS are declared; peer URLs identify them.

# True when etcd runs on hosts of its own or is somebody else's: a control plane node then has no member.
etcd_is_elsewhere() { [[ $ETCD_RUNTIME == none ]]; }

# Prints the members. Waits for a quorum that is electing a leader; an answer without members counts as none.
wait_etcd_members() { wait_for_output 20 "etcd to have a quorum" etcd_members_of_quorum; }

etcd_members_of_quorum() {
    local members
    if ! members=$(etcd_members) || ! jq --exit-status '.members | length > 0' <<<"$members" >/dev/null; then
        echo "etcd has no quorum, so its members cannot change (docs/runbooks.md, 'Quorum lost')" >&2
        return 1
    fi
    printf '%s\n' "$members"
}

# True when every declared member is one; prints those that are not.
members_are_complete() {
    local members peer missing=""
    if etcd_is_elsewhere; then return; fi
    members=$(etcd_members_of_quorum) || return
    for peer in "${ETCD_PEERS[@]}"; do
        jq --exit-status --arg url "$(etcd_url "${peer#*=}" "$ETCD_PEER_PORT")" 'any(.members[]; .peerURLs | index($url))' \
            <<<"$members" >/dev/null || missing+=" ${peer%%=*}"
    done
    [[ -z $missing ]] && return
    echo "without an etcd member:$missing"
    return 1
}

# undeclared_members MEMBERS: prints a JSON list of the members that the program does not declare.
undeclared_members() {
    local peer declared
    declared=$(etcd_peer_url)
    for peer in "${ETCD_PEERS[@]}"; do declared+=" $(etcd_url "${peer#*=}" "$ETCD_PEER_PORT")"; done
    jq --compact-output --arg declared "$declared" '($declared | split(" ")) as $urls
        | [.members[] | select((.peerURLs - $urls) == .peerURLs)]' <<<"$1"
}

# undeclared_member_lines MEMBERS: prints "id peer-url" of each of them.
undeclared_member_lines() { undeclared_members "$1" | jq -r '.[] | "\(.ID) \(.peerURLs[0])"'; }

# members_of_node MEMBERS NODE ADDRESS: prints "id peer-url" of the undeclared members that have the node's address or its name: a
# member on a control plane node has the name of the node.
members_of_node() {
    undeclared_members "$1" | jq -r --arg name "$2" --arg url "$(etcd_url "$3" "$ETCD_PEER_PORT")" \
        '.[] | select(.name == $name or (.peerURLs | index($url))) | "\(.ID) \(.peerURLs[0])"'
}

# superseded_members MEMBERS: prints "id peer-url" of the undeclared members whose name a declared voter has: the former machine of
# that node.
superseded_members() {
    local undeclared
    undeclared=$(undeclared_members "$1") || return
    jq -r --argjson undeclared "$undeclared" '
        [(.members - $undeclared)[] | select(.isLearner | not) | .name // empty] as $names
        | $undeclared[] | select(.name | IN($names[])) | "\(.ID) \(.peerURLs[0])"' <<<"$1"
}

# Removes undeclared members that do not answer: etcd admits no new member while a member is unreachable.
etcd_remove_unreachable() {
    local undeclared id url
    undeclared=$(undeclared_member_lines "$1") || die "the list of etcd's members cannot be read"
    while read -r id url; do
        if [[ -z $id ]] || url_answers "$url"; then continue; fi
        log "$url does not answer and is not declared: removing it from etcd"
        etcd_remove_member "$id"
    done <<<"$undeclared"
}

# etcd_remove_members LIST WHY: LIST has one "id peer-url" a line.
etcd_remove_members() {
    local id url
    while read -r id url; do
        if [[ -z $id ]]; then continue; fi
        log "removing the member at $url: $2"
        etcd_remove_member "$id"
    done <<<"$1"
}

# etcd_remove_member ID: succeeds too when another run has removed it meanwhile.
etcd_remove_member() {
    local members
    if etcd_call_any cluster/member/remove "{\"ID\":\"$1\"}" >/dev/null; then return; fi
    members=$(wait_etcd_members) || exit 1
    if jq --exit-status --arg id "$1" 'any(.members[]; .ID == $id)' <<<"$members" >/dev/null; then
        die "etcd did not remove member $1"
    fi
}
