# shellcheck shell=bash
# Bootstrap tokens: one credential per machine to join with. The token's id, which is no secret, is a label of the token's
# Secret and an annotation of the Node that joined with it. So a machine that was replaced under the same name has not joined yet,
# because its token has another id.

readonly TOKEN_KEY=pulumi-kubeadm/join-token
# kubeadm creates a random token, valid for a day, unless its configuration names one: components/cluster/tokens.ts names this one.
readonly PLACEHOLDER_TOKEN=bootstrap-token-unused

delete_placeholder_token() {
    cluster_kubectl -n kube-system delete secret "$PLACEHOLDER_TOKEN" --ignore-not-found --wait=false
}

# Creates the tokens that are needed and missing, and deletes those that are no longer needed.
apply_join_tokens() {
    local needed present node id secret missing="" unneeded=""
    needed=$(needed_tokens) || return
    present=$(present_token_ids) || return
    while read -r node id secret; do
        if [[ -n $id && " $present " != *" $id "* ]]; then missing+="$node $id $secret"$'\n'; fi
    done <<<"$needed"
    for id in $present; do
        if [[ $needed != *" $id "* ]]; then unneeded+=" $id"; fi
    done
    write_tokens "$missing" || return
    delete_tokens "$unneeded"
}

# Deletes the tokens that nodes have joined with.
delete_used_tokens() {
    local used present id joined=""
    used=$(used_token_ids) || return
    present=$(present_token_ids) || return
    for id in $present; do
        if [[ " $used " == *" $id "* ]]; then joined+=" $id"; fi
    done
    delete_tokens "$joined"
}

# Prints the rows of JOIN_TOKENS whose machine has not joined. A machine whose Node is not Ready may have been reset since it joined,
# so its token is needed too.
needed_tokens() {
    cluster_kubectl get nodes -o json | jq -nr --arg key "$TOKEN_KEY" --rawfile tokens <(lines "${JOIN_TOKENS[@]}") '
        INDEX(input.items[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata
            | .name + " " + (.annotations[$key] // empty); .) as $joined
        | $tokens | split("\n")[] | select(. != "" and $joined[split(" ")[:2] | join(" ")] == null)'
}

used_token_ids() {
    cluster_kubectl get nodes -o json |
        jq -nr --arg key "$TOKEN_KEY" '[input.items[].metadata.annotations[$key] // empty] | join(" ")'
}

present_token_ids() {
    local names
    names=$(cluster_kubectl -n kube-system get secrets --selector "$TOKEN_KEY" -o 'jsonpath={.items[*].metadata.name}') ||
        return
    printf '%s\n' "${names//bootstrap-token-/}"
}

# write_tokens LINES
write_tokens() {
    if [[ -z $1 ]]; then return; fi
    token_secrets <<<"$1" | cluster_kubectl apply --server-side --force-conflicts --field-manager pulumi-kubeadm -f - >/dev/null
}

# The token does not expire; `finish` deletes it once the node has joined, in the same `up`. With an expiry, a rerun could not
# complete a host that was off for longer.
token_secrets() {
    jq --raw-input --slurp --arg key "$TOKEN_KEY" '{apiVersion: "v1", kind: "List", items: [
        split("\n")[] | select(. != "") | split(" ") as [$node, $id, $secret] | {
            apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
            metadata: {name: "bootstrap-token-\($id)", namespace: "kube-system", labels: {($key): $id}},
            data: ({
                "token-id": $id, "token-secret": $secret, description: "pulumi-kubeadm: \($node)",
                "usage-bootstrap-authentication": "true",
                "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token"
            } | map_values(@base64))
        }]}'
}

# delete_tokens IDS: deletes them in one request. Its response contains the deleted secrets, so it is not printed.
delete_tokens() {
    local ids=${1# } selector
    if [[ -z $ids ]]; then return; fi
    selector="${TOKEN_KEY/'/'/%2F}%20in%20(${ids// /,})"
    cluster_kubectl delete --raw "/api/v1/namespaces/kube-system/secrets?labelSelector=$selector" >/dev/null
}
