# shellcheck shell=bash
# The labels and annotations of the Nodes that the program owns, by server-side apply: it removes a label that an owner no longer declares,
# and keeps those of other owners. It would create a missing Node, so the nodes are registered before.

# The owner of what the program is told for a node, and of what follows from a node's role.
readonly NODES_OWNER=pulumi-kubeadm ROLES_OWNER=pulumi-kubeadm-role
readonly BALANCERS_KEY=node.kubernetes.io/exclude-from-external-load-balancers

# apply_nodes OWNER [OPTION...]: applies the Nodes on standard input.
apply_nodes() { cluster_kubectl "${@:2}" apply --server-side --force-conflicts --field-manager "$1" -f -; }

label_nodes() {
    apply_nodes "$NODES_OWNER" <<<"$NODE_OBJECTS" && apply_nodes "$ROLES_OWNER" <<<"$CONTROL_PLANE_OBJECTS"
}

# Gives this Node the labels that `kubeadm join` gives a control plane node.
register_control_plane() {
    local here
    here=(--server "https://$(apiserver_endpoint "$NODE_ADDRESS")")
    cluster_kubectl "${here[@]}" get nodes >/dev/null 2>&1 || bind_cluster_admins
    wait_for 120 "this Node to register" cluster_kubectl "${here[@]}" label --overwrite node "$NODE_NAME" \
        node-role.kubernetes.io/control-plane=
    if [[ $EXCLUDED_FROM_BALANCERS == true ]]; then
        wait_for 30 "this Node to have its label for load balancers" exclude_from_balancers "${here[@]}"
    fi
}

# exclude_from_balancers [OPTION...]: the label of this Node, which is there.
exclude_from_balancers() {
    jq -n --arg name "$NODE_NAME" --arg key "$BALANCERS_KEY" \
        '{apiVersion: "v1", kind: "Node", metadata: {$name, labels: {($key): ""}}}' | apply_nodes "$ROLES_OWNER" "$@"
}
