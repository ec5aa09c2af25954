# shellcheck shell=bash
# Who is a member of etcd and not in the program's list leaves the cluster. A survivor does it, so that a machine that is
# powered off can be removed.

phase_etcd_members() {
    local members id url
    load_desired_state
    wait_for 60 "a quorum of etcd" etcd_members
    # The silent ones first: without a living one too many, those who stay would be no majority.
    members=$(etcd_members) || die "etcd has no quorum; its members cannot change now"
    etcd_remove_silent "$members"
    members=$(etcd_members) || die "etcd has no quorum; its members cannot change now"
    while read -r id url; do
        [[ -n $id ]] || continue
        log "removing the member at $url"
        etcd_remove "$id"
    done < <(etcd_undeclared "$members")
}
