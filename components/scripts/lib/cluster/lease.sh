# shellcheck shell=bash
# The lock of control plane nodes: a Kubernetes Lease (lib/core/change-lock.sh). The API replaces an object only where its version
# is still the one that was read, so one node alone can take the Lease.

readonly LEASE_NAME=pulumi-kubeadm-change

lease_kubectl() { cluster_kubectl --namespace kube-system "$@"; }

lease_read() { lease_kubectl get lease "$LEASE_NAME" --ignore-not-found -o json; }

# Takes the Lease that nobody holds, that this node held when its last run was killed, or that its holder no longer renews.
lease_take() {
    local lease holder
    lease=$(lease_read) || return
    if [[ -z $lease ]]; then
        lease_held <<<'{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}' | lease_kubectl create -f - >/dev/null || return
    else
        holder=$(jq -r '.spec.holderIdentity // empty' <<<"$lease")
        if [[ -n $holder && $holder != "$NODE_NAME" ]]; then
            lock_is_stale "$holder" "$(jq -r .metadata.resourceVersion <<<"$lease")" || return
        fi
        lease_held <<<"$lease" | lease_kubectl replace -f - >/dev/null || return
    fi
    printf '%s' "$NODE_NAME"
}

# Reads a Lease, and prints it as held by this node.
lease_held() {
    jq --arg name "$LEASE_NAME" --arg node "$NODE_NAME" --arg now "$(lease_now)" --argjson seconds "$LOCK_SECONDS" \
        '.metadata += {$name, namespace: "kube-system"}
        | .spec = {holderIdentity: $node, acquireTime: $now, renewTime: $now, leaseDurationSeconds: $seconds}'
}

lease_renew() { lease_patch "$1" "{\"op\": \"replace\", \"path\": \"/spec/renewTime\", \"value\": \"$(lease_now)\"}"; }

lease_release() { lease_patch "$1" '{"op": "replace", "path": "/spec/holderIdentity", "value": ""}'; }

# lease_patch HOLDER CHANGE: only where HOLDER still holds it.
lease_patch() {
    lease_kubectl patch lease "$LEASE_NAME" --type json \
        --patch "[{\"op\": \"test\", \"path\": \"/spec/holderIdentity\", \"value\": \"$1\"}, $2]"
}

# As the API writes a MicroTime.
lease_now() { date -u +%Y-%m-%dT%H:%M:%S.%6NZ; }
