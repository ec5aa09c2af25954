# shellcheck shell=bash
# Sets the taints of the Nodes. A kubelet registers a new Node with its taints; this changes those of a live Node.
# Server-side apply knows one owner of the whole list (kubernetes/api, core/v1, NodeSpec.Taints is atomic), and the list also has
# taints of kubelets and controllers. So an annotation tells which taints the program set.

readonly TAINTS_KEY=pulumi-kubeadm/taints

# A patch has the Node's resourceVersion, so that it fails when somebody else has changed the Node meanwhile.
set_taints() {
    local patches name patch failed=false
    patches=$(taint_patches) || return
    while read -r name patch; do
        if [[ -z $name ]]; then continue; fi
        cluster_kubectl patch node "$name" --type merge --patch "$patch" || failed=true
    done <<<"$patches"
    [[ $failed == false ]]
}

# Prints "name patch" of every declared Node whose taints differ: the declared ones replace those that the program set before.
taint_patches() {
    cluster_kubectl get nodes -o json | jq -nr --arg key "$TAINTS_KEY" --rawfile objects <(printf '%s' "$NODE_OBJECTS") '
        def owned: .metadata.annotations[$key] // "[]" | try fromjson catch [];
        def id: "\(.key):\(.effect)";
        def ordered: map(del(.timeAdded)) | sort_by(id);
        ($objects | fromjson | INDEX(.items[]; .metadata.name)) as $declared
        | input.items[] | select($declared[.metadata.name])
        | ($declared[.metadata.name] | owned) as $taints
        | ([owned[], $taints[]] | map(id)) as $ours
        | (.spec.taints // []) as $now
        | ([$now[] | select(id | IN($ours[]) | not)] + $taints) as $wanted
        | select(($now | ordered) != ($wanted | ordered))
        | "\(.metadata.name) \({
            metadata: {resourceVersion: .metadata.resourceVersion, annotations: {($key): ($taints | tojson)}},
            spec: {taints: $wanted}
        } | tojson)"'
}
