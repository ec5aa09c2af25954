# shellcheck shell=bash
# Removes members of etcd that the program does not declare.

# etcd_undeclared MEMBERS: "id peer-url" of every member that the program does not have.
etcd_undeclared() {
    local peer declared
    declared=$(etcd_peer_url)
    for peer in $ETCD_PEERS; do declared+=" $(etcd_url "${peer#*=}" 2380)"; done
    jq -r --arg declared "$declared" '($declared | split(" ")) as $urls
        | .members[] | select((.peerURLs - $urls) == .peerURLs) | "\(.ID) \(.peerURLs[0])"' <<<"$1"
}

# etcd takes nobody in while a member is silent; one that the program does not have any more is in nobody's way.
etcd_remove_silent() {
    local id url
    while read -r id url; do
        [[ -n $id ]] || continue
        answers "$url" && continue
        log "$url is silent and not declared: removing it from etcd"
        etcd_remove "$id"
    done < <(etcd_undeclared "$1")
}

# Somebody else may have removed it meanwhile, which is as good.
etcd_remove() {
    local members
    etcd_ask cluster/member/remove "{\"ID\":\"$1\"}" >/dev/null && return
    members=$(etcd_members) || die "etcd has no quorum; its members cannot change now"
    ! jq -e --arg id "$1" 'any(.members[]; .ID == $id)' <<<"$members" >/dev/null || die "etcd did not remove member $1"
}
