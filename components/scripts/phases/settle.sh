# shellcheck shell=bash
# The last step of an `up`: every declared node is Ready, and no join credential is left that could be used again.
# Read: NODES (names), NODE_OBJECTS (their labels and annotations, JSON), TOKEN_IDS (one "node id" a line), WAIT_FOR_READY.

phase_settle() {
    load_desired_state
    local names
    read -ra names <<<"$NODES"
    # Waited for, each of them: an apiserver or a balancer that leaves meanwhile takes the requests along that it has.
    wait_for 30 "the nodes' labels and annotations to be set" label_nodes
    if [[ $WAIT_FOR_READY == true ]]; then
        wait_for 300 "${#names[@]} nodes to be Ready" kubectl wait --for condition=Ready --timeout 5s "${names[@]/#/node/}"
    fi
    wait_for 30 "the used join credentials to be dropped" drop_used_tokens
}

# Applied server-side, a label that leaves the program leaves the Node, and others' labels stay.
label_nodes() {
    cluster_kubectl apply --server-side --force-conflicts --field-manager pulumi-kubeadm -f - <<<"$NODE_OBJECTS"
}

# A token serves one node and dies when that has joined.
drop_used_tokens() {
    local node token joined
    joined=$(cluster_kubectl get nodes --output name) || return
    while read -r node token; do
        grep --quiet --line-regexp --fixed-strings "node/$node" <<<"$joined" || continue
        cluster_kubectl -n kube-system delete secret "bootstrap-token-$token" --ignore-not-found || return
    done <<<"$TOKEN_IDS"
}
