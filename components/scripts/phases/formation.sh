# shellcheck shell=bash
# Prints, as JSON, how this host stands in the record of an etcd cluster's founding members. Changes nothing.

phase_formation() {
    local ran=false
    require_own_host
    if etcd_ran_here "$ETCD_DATA"; then
        log "etcd has run on this host, so no host may form a new cluster; each can only join"
        ran=true
    fi
    printf '{"name":"%s","address":"%s","hostKey":"%s","machineId":"%s","claim":"%s","etcdRan":%s}\n' \
        "$NODE_NAME" "$NODE_ADDRESS" "$HOST_KEY" "$(</etc/machine-id)" "$CLAIM" "$ran"
}
