# shellcheck shell=bash
# The last step of an `up`: waits until every declared node is Ready, sets taints, labels and the mode of Calico's pools, deletes used join
# credentials, and verifies that the cluster works.

phase_finish() {
    load_desired_state
    # Each step is retried: an apiserver or a load balancer that stops meanwhile loses the requests that it was serving.
    wait_for 60 "every node to be registered" is_not_removed nodes_are registered
    wait_for 30 "every control plane node to have its etcd member" is_not_removed members_are_complete
    wait_for 60 "the nodes' taints to be set" set_taints
    wait_for 30 "the nodes' labels and annotations to be set" label_nodes
    if [[ $WAIT_FOR_READY == true ]]; then
        wait_for 300 "every node to be Ready" nodes_are ready
    fi
    apply_calico_pools
    wait_for 30 "the used join credentials to be deleted" delete_used_tokens
    verify_cluster
}

# nodes_are registered|ready: asks for all nodes in one request; prints those that are not, with what their kubelets say.
nodes_are() {
    local late
    late=$(cluster_kubectl get nodes -o json | pending_nodes "$1") || return
    if [[ -n $late ]]; then
        echo "$late"
        return 1
    fi
}

pending_nodes() {
    jq -nr --arg wanted "$1" '
        (reduce input.items[] as $node ({}; .[$node.metadata.name] =
            ([$node.status.conditions[]? | select(.type == "Ready")] | first
                | if .status == "True" then "ready" else "not Ready" + (if .message then " (\(.message[:200]))" else "" end) end))) as $state
        | $ARGS.positional as $all
        | [$all[] | ($state[.] // "not registered") as $is
            | select($is == "not registered" or ($wanted == "ready" and $is != "ready")) | "\(.) is \($is)"]
        | if length == 0 then empty else
            "\(length) of \($all | length) nodes: \(.[:10] | join(", "))\(if length > 10 then " and \(length - 10) more" else "" end)"
          end' --args "${NODES[@]}"
}
