# shellcheck shell=bash
# Makes a new host serve, or moves a live one to its desired state. The program runs it side by side on new hosts, and on live
# ones in turns. Prints for the program the id of the host's Node (one that was made anew has no labels yet), the end of the host's
# certificates, and the time, so that `finish` runs after it.

phase_node() {
    load_desired_state
    {
        if host_joined; then
            renew_expired_certificates
            rollout
        else
            dispatch ROLES "$ROLE" bootstrap_@
            restore_undeclared_files
            restart_changed_units
            restart_changed_components
            mark_joined
        fi
        drop_other_secrets
    } >&2
    if is_node; then print_node; fi
}

# The id is `none` where the kubelet has not registered yet, or the API does not answer.
print_node() {
    local id
    id=$(node_kubectl get node "$NODE_NAME" --ignore-not-found -o 'jsonpath={.metadata.uid}' 2>/dev/null) || true
    printf '%s\n%s\n%s' "${id:-none}" "$(first_certificate_end)" "$(date -u +%FT%TZ)"
}

# Holds the lock of changes while this host stops a kube-apiserver or an etcd member.
rollout() {
    local lock before
    before=$(what_runs)
    apply_setup
    lock=$(lock_of_change)
    if [[ -n $lock ]]; then lock_changes "$lock"; fi
    look_for_apiserver
    apply_without_restart
    dispatch ROLES "$ROLE" rollout_@
    restore_undeclared_files
    restart_changed_units
    restart_changed_components
    wait_endpoint
    sync_live_firewall
    look_for_restarts "$before"
    unlock_changes
}

# Prints the kind of lock that the change needs: none where nothing stops, or where no other host could stop at the same time.
lock_of_change() {
    if changes_alone; then return; fi
    case $ROLE in
        control-plane)
            if rollout_is_due || certificates_are_due || static_component_is_due || leaving_file_restarts kube-apiserver || { etcd_has_member && etcd_change_is_due; }; then echo lease; fi
            ;;
        etcd)
            if etcd_change_is_due || { [[ $ETCD_RUNTIME == static-pod ]] && rollout_is_due; }; then echo etcd-lock; fi
            ;;
    esac
}
