# shellcheck shell=bash
# An etcd member that is not kubeadm's, under systemd or as a static pod, with the same configuration file for both.

etcd_has_member() { [[ $ETCD_RUNTIME == systemd || $ETCD_RUNTIME == static-pod ]]; }

etcd_prepare_member() {
    case $ETCD_RUNTIME in
        systemd) install_etcd ;;
        static-pod)
            install_packages curl jq openssl
            pull_images "$ETCD_IMAGE"
            ;;
    esac
}

etcd_start_member() {
    make_etcd_data_folder
    write_etcd_pki
    etcd_choose_join_mode "$ETCD_DATA"
    log "etcd member: $ETCD_STATE"
    write_etcd_config
    dispatch ETCD_RUNTIMES "$ETCD_RUNTIME" start_member_@
}

etcd_rollout_member() {
    write_etcd_pki
    if etcd_change_is_due; then
        log "applying changes to etcd"
        wait_spare_quorum
        # A change that is interrupted and taken back is still one: its programs may be here.
        rm -f "$STATE/etcd-applied"
        etcd_prepare_member
        ETCD_STATE=kept
        write_etcd_config
        move_etcd_leadership
        dispatch ETCD_RUNTIMES "$ETCD_RUNTIME" restart_member_@
        wait_for 120 "this etcd member to be healthy" etcd_is_healthy
        mark_etcd_applied
    fi
    wait_for 120 "this etcd member to be healthy" etcd_is_healthy
}

# The initial-cluster settings stay in the file: etcd ignores them once it has data.
write_etcd_config() {
    local file=$ETCD_FOLDER/etcd.yaml initial
    if [[ $ETCD_STATE == kept ]]; then
        initial=$(grep '^initial-cluster' "$file" 2>/dev/null || true)
    else
        initial=$(printf '%s\n' "initial-cluster: $ETCD_INITIAL_CLUSTER" "initial-cluster-state: $ETCD_STATE" \
            "initial-cluster-token: \"$CLUSTER_ID\"")
    fi
    printf '%s\n' "$ETCD_CONFIG" "$initial" | write_file "$file" 0644
}

# Removes this host's member from etcd, in case the cluster's own step did not, for example because its run was killed: otherwise the
# other members keep a dead voter. Without a quorum etcd cannot remove it, and the release goes on.
etcd_leave() {
    local members id
    [[ $ETCD_RUNTIME != none ]] || return 0
    members=$(etcd_call_local cluster/member/list '{"linearizable":true}') || return 0
    id=$(etcd_own_entry "$members" ID)
    [[ -n $id && $(jq '.members | length' <<<"$members") -gt 1 ]] || return 0
    log "leaving etcd"
    etcd_call_local cluster/member/remove "{\"ID\":\"$id\"}" >/dev/null || true
}

# Removes the member of this host, kubeadm's too: its service, programs, configuration and data. An etcd of somebody else's may run on a
# host without a member of ours, and the folders may hold other files, so only etcd's own are removed from them.
etcd_remove() {
    local folder
    if etcd_has_member; then
        systemctl disable --now --quiet etcd 2>/dev/null || true
        rm -rf "$ETCD_FOLDER" "$ETCD_PROGRAMS" "$UNITS/etcd.service"
    fi
    [[ $ETCD_RUNTIME != none ]] || return 0
    for folder in "$ETCD_DEFAULT_DATA" "$ETCD_DATA"; do
        rm -rf "$folder"/member "$folder"/member.*.stale
        [[ -L $folder ]] || rmdir "$folder" 2>/dev/null || true
    done
}
