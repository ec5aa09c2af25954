# shellcheck shell=bash
# Drains this node before a change, and uncordons it afterwards.

# Uses the kubelet's credentials: a worker has no others, and they give access only to its own Node and its own pods.
node_kubectl() { kubectl --kubeconfig "$KUBELET_CONF" --request-timeout 10s "$@"; }

# Does what `kubectl drain` does, which needs to read more than a kubelet may. The mark tells the next run that this project
# cordoned the node; a node that somebody else cordoned stays cordoned.
drain_node() {
    local cordoned
    cordoned=$(wait_for_output 60 "the API to tell whether $NODE_NAME is cordoned" \
        node_kubectl get node "$NODE_NAME" -o 'jsonpath={.spec.unschedulable}')
    [[ $cordoned == true ]] || touch "$STATE/cordoned"
    wait_for 60 "$NODE_NAME to be cordoned" node_kubectl cordon "$NODE_NAME"
    wait_for "$DRAIN_TIMEOUT" "the pods of $NODE_NAME to be evicted" evict_pods
}

uncordon_node() {
    wait_for 60 "$NODE_NAME to be uncordoned" node_kubectl uncordon "$NODE_NAME"
    rm -f "$STATE/cordoned"
}

# Asks for the eviction of every pod that is left. True when none is left; prints what blocks the others, mostly a
# PodDisruptionBudget.
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

# Prints "namespace name terminating" of every pod to evict: all but static pods, pods of a DaemonSet, which would return to this
# node, and pods that have ended.
evictable_pods() {
    node_kubectl get pods --all-namespaces --field-selector "spec.nodeName=$NODE_NAME" -o json | jq -r '.items[]
        | select(.metadata.annotations["kubernetes.io/config.mirror"] == null)
        | select(any(.metadata.ownerReferences[]?; .controller and .kind == "DaemonSet") | not)
        | select(.status.phase | IN("Succeeded", "Failed") | not)
        | "\(.metadata.namespace) \(.metadata.name) \(.metadata.deletionTimestamp != null)"'
}
