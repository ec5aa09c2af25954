# shellcheck shell=bash
# The last step of an `up`: every declared node is Ready, and no join credential is left that could be used again.
# Read: NODES (names), NODE_OBJECTS (their labels and annotations, JSON), TOKEN_IDS (one "node id" a line), WAIT_FOR_READY.

phase_settle() {
    load_desired_state
    local names
    read -ra names <<<"$NODES"
    persist 30 label_nodes >/dev/null || die "the nodes' labels and annotations could not be set; see kubectl's error above"
    if [[ $WAIT_FOR_READY == true ]]; then
        log "waiting for ${#names[@]} nodes to be Ready"
        persist 300 kubectl wait --for condition=Ready --timeout 60s "${names[@]/#/node/}" >/dev/null ||
            die "not every node became Ready within 300s: $(cluster_kubectl get nodes --no-headers | awk '$2 !~ /^Ready/ {print $1, $2}')"
    fi
    drop_used_tokens
}

# Applied server-side, a label that leaves the program leaves the Node, and others' labels stay.
label_nodes() {
    cluster_kubectl apply --server-side --force-conflicts --field-manager pulumi-kubeadm -f - <<<"$NODE_OBJECTS"
}

# A token serves one node and dies when that has joined.
drop_used_tokens() {
    local node token joined
    joined=$(persist 30 cluster_kubectl get nodes --output name) || die "the nodes could not be listed; see kubectl's error above"
    while read -r node token; do
        grep --quiet --line-regexp --fixed-strings "node/$node" <<<"$joined" || continue
        persist 30 cluster_kubectl -n kube-system delete secret "bootstrap-token-$token" --ignore-not-found >/dev/null
    done <<<"$TOKEN_IDS"
}
