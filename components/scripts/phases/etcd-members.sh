# shellcheck shell=bash
# Removes the etcd members that are no longer declared. It runs on a member that stays, so that a member on a powered-off host can
# be removed.

phase_etcd_members() {
    local members undeclared
    load_desired_state
    lock_changes etcd-lock
    # Unreachable members first: without a healthy member more, the remaining ones would be no quorum.
    members=$(wait_etcd_members)
    etcd_remove_unreachable "$members"
    members=$(wait_etcd_members)
    undeclared=$(undeclared_member_lines "$members")
    etcd_remove_members "$undeclared" "it is not in the list"
    unlock_changes
    wait_for 30 "every declared member to be one" is_not_removed members_are_complete
}
