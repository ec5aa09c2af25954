# shellcheck shell=bash
# CoreDNS's Corefile. kubeadm writes its own where there is none and keeps any other (cmd/kubeadm/app/phases/addons/dns/dns.go), so the
# program writes COREFILE into kubeadm's ConfigMap. The same request writes the text's digest as an annotation: where the digest is
# that of another text, somebody has edited the Corefile.

readonly COREFILE_KEY=pulumi-kubeadm/corefile

# Runs before kubeadm, so that a new cluster's CoreDNS starts with COREFILE. Without COREFILE, writes kubeadm's where the program has written
# another one. Never overwrites an edited one.
apply_corefile() {
    local object live digest
    object=$(wait_for_output 30 "the API to return CoreDNS's Corefile" corefile_object)
    live=$(jq -r '.data.Corefile // empty' <<<"$object")
    digest=$(jq -r --arg key "$COREFILE_KEY" '.metadata.annotations[$key] // empty' <<<"$object")
    if [[ -z $COREFILE && -z $digest ]]; then return; fi
    if corefile_is_edited "$live" "$digest"; then
        if [[ -z $COREFILE ]]; then
            log "CoreDNS's Corefile stays as somebody has edited it"
            return
        fi
        COREFILE_IS_REFUSED=true
        return
    fi
    if [[ -z $COREFILE ]]; then
        write_corefile "$KUBEADM_COREFILE" ""
    elif [[ $live != "$COREFILE" || $digest != "$(corefile_digest "$COREFILE")" ]]; then
        write_corefile "$COREFILE" "$(corefile_digest "$COREFILE")"
    fi
}

# Where the Corefile has been edited, fails after everything else of the cluster: nodes join and leave meanwhile.
end_with_corefile() {
    [[ ${COREFILE_IS_REFUSED:-} != true ]] ||
        die "somebody has edited CoreDNS's Corefile (kubectl -n kube-system get configmap coredns -o yaml), so it was not overwritten." \
            "Either remove coreDns.cache, coreDns.forward, coreDns.stubDomains and coreDns.serverBlocks from the program, and the edited Corefile stays;" \
            "or keep a copy and delete that ConfigMap, and \"pulumi up\" writes it anew (CoreDNS's pods run on meanwhile)"
    wait_corefile
}

corefile_object() { cluster_kubectl -n kube-system get configmap coredns --ignore-not-found -o json; }

corefile_digest() { sha256sum <<<"$1" | cut -c 1-16; }

# corefile_is_edited TEXT DIGEST: true unless kubeadm or this program wrote the TEXT.
corefile_is_edited() {
    [[ -n $1 && $1 != "$COREFILE" && $1 != "$KUBEADM_COREFILE" && $2 != "$(corefile_digest "$1")" ]]
}

# write_corefile TEXT DIGEST
write_corefile() {
    log "writing CoreDNS's Corefile"
    wait_for 30 "CoreDNS's Corefile to be written" put_corefile "$@"
}

put_corefile() {
    jq -n --arg text "$1"$'\n' --arg key "$COREFILE_KEY" --arg digest "$2" '{
        apiVersion: "v1", kind: "ConfigMap", data: {Corefile: $text},
        metadata: {
            name: "coredns", namespace: "kube-system",
            annotations: (if $digest == "" then {} else {($key): $digest} end)
        }}' | cluster_kubectl apply --server-side --force-conflicts --field-manager pulumi-kubeadm -f -
}

# kubeadm has updated the Deployment, which names the Corefile's digest. No pod starts before the cluster has a network.
wait_corefile() {
    if [[ -n $COREFILE ]] && cluster_network_is_ready; then
        wait_for 300 "CoreDNS's pods to start with this Corefile (coreDns); the former ones serve until they are restarted" core_dns_is_rolled_out
    fi
}

# The reason stays when a pod ends later, so a node that is off does not count.
core_dns_is_rolled_out() {
    local deployment
    deployment=$(cluster_kubectl -n kube-system get deployment coredns -o json) || return
    jq -r '.status.conditions[]? | "\(.reason): \(.message)"' <<<"$deployment"
    jq -e '.status.observedGeneration == .metadata.generation and any(.status.conditions[]?; .reason == "NewReplicaSetAvailable")' \
        <<<"$deployment" >/dev/null
}
