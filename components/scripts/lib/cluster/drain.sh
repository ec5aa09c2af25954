# shellcheck shell=bash
# Takes a node's pods from it before it changes, and lets it have some again.
# Read: DRAIN_TIMEOUT, in seconds.

# With the kubelet's credentials: a worker has no others, and with these it reaches its own Node and its own pods alone.
node_kubectl() { kubectl --kubeconfig "$KUBELET_CONF" --request-timeout 10s "$@"; }

# What `kubectl drain` does, which asks for more than a kubelet may see. The mark tells the next run of a node whose change
# failed; a node that somebody else has closed to pods stays so.
drain_node() {
    is_cordoned || touch "$STATE/cordoned"
    wait_for 60 "$NODE_NAME to take no more pods" node_kubectl cordon "$NODE_NAME"
    wait_for "$DRAIN_TIMEOUT" "the pods of $NODE_NAME to end, so that they can start elsewhere" evict_pods
}

is_cordoned() { [[ $(node_kubectl get node "$NODE_NAME" -o 'jsonpath={.spec.unschedulable}' 2>/dev/null) == true ]]; }

uncordon_node() {
    wait_for 60 "$NODE_NAME to take pods again" node_kubectl uncordon "$NODE_NAME"
    rm -f "$STATE/cordoned"
}

# True once no pod is left to go; says what holds those that stay, a PodDisruptionBudget most often.
evict_pods() {
    local pods namespace name leaving
    pods=$(evictable_pods) || return 1
    [[ -n $pods ]] || return 0
    while read -r namespace name leaving; do
        if [[ $leaving == true ]]; then echo "$namespace/$name is ending"; else evict_pod "$namespace" "$name"; fi
    done <<<"$pods"
    return 1
}

evict_pod() {
    local said
    said=$(eviction_object "$1" "$2" | node_kubectl create --raw "/api/v1/namespaces/$1/pods/$2/eviction" -f - 2>&1) || echo "$1/$2: $said"
}

eviction_object() {
    jq -n --arg namespace "$1" --arg name "$2" \
        '{apiVersion: "policy/v1", kind: "Eviction", metadata: {$namespace, $name}}'
}

# "namespace name" and whether it is leaving already: all but static pods, those of a DaemonSet, which would come back here,
# and those that have ended.
evictable_pods() {
    node_kubectl get pods --all-namespaces --field-selector "spec.nodeName=$NODE_NAME" -o json | jq -r '.items[]
        | select(.metadata.annotations["kubernetes.io/config.mirror"] == null)
        | select(any(.metadata.ownerReferences[]?; .controller and .kind == "DaemonSet") | not)
        | select(.status.phase | IN("Succeeded", "Failed") | not)
        | "\(.metadata.namespace) \(.metadata.name) \(.metadata.deletionTimestamp != null)"'
}
