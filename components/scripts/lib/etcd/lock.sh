# shellcheck shell=bash
# The lock of hosts with etcd alone: a key of etcd itself, with an etcd lease (lib/core/change-lock.sh). etcd deletes the key when
# its holder no longer renews the lease.

readonly ETCD_LOCK_KEY=pulumi-kubeadm/change

etcd_lock_read() { etcd_members; }

# Prints the id of the lease. Takes over the key of this host, whose last run was killed.
etcd_lock_take() {
    local lease answer holder
    lease=$(etcd_call_any lease/grant "{\"TTL\": $LOCK_SECONDS}" | jq -er .ID) || return
    answer=$(etcd_call_any kv/txn "$(etcd_lock_request "$lease")") || return
    if [[ $(jq -r '.succeeded // false' <<<"$answer") != true ]]; then
        holder=$(jq -r '.responses[0].response_range.kvs[0].value // empty | @base64d' <<<"$answer")
        if [[ $holder != "$NODE_NAME" ]]; then
            etcd_lock_release "$lease" >/dev/null || true
            echo "$holder is changing" >&2
            return 1
        fi
        etcd_call_any kv/put "$(etcd_lock_request "$lease" | jq -c '.success[0].requestPut')" >/dev/null || return
    fi
    printf '%s' "$lease"
}

# Puts the key where it does not exist, else reads it.
etcd_lock_request() {
    jq -cn --arg key "$ETCD_LOCK_KEY" --arg node "$NODE_NAME" --arg lease "$1" '($key | @base64) as $key | {
        compare: [{key: $key, target: "CREATE", createRevision: "0"}],
        success: [{requestPut: {key: $key, value: ($node | @base64), lease: $lease}}],
        failure: [{requestRange: {key: $key}}]
    }'
}

etcd_lock_renew() { etcd_call_any lease/keepalive "{\"ID\": \"$1\"}"; }

etcd_lock_release() { etcd_call_any lease/revoke "{\"ID\": \"$1\"}"; }
