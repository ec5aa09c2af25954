# shellcheck shell=bash
# Removes the members of etcd that are not in the program's list. A member that stays does it, so that a machine that is
# powered off can be removed.

phase_etcd_members() {
    local members undeclared
    load_desired_state
    # The silent ones first: without a living one too many, those who stay would be no majority.
    members=$(wait_etcd_members)
    etcd_remove_unreachable "$members"
    members=$(wait_etcd_members)
    undeclared=$(undeclared_member_lines "$members")
    etcd_remove_members "$undeclared" "it is not in the list"
}
