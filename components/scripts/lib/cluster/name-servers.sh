# shellcheck shell=bash
# CoreDNS in the verification of a cluster: its addresses, its pods, and the questions to it.

# The cluster's domain, as kubeadm wrote it for the kubelet, and the addresses of CoreDNS's Service; none where an administrator removed it.
read_cluster_dns() {
    DNS_DOMAIN=$(sed -n 's/^clusterDomain: *//p' "$KUBELET_FOLDER/config.yaml" | tr -d \"\')
    local addresses
    addresses=$(wait_for_output 30 "CoreDNS's Service" cluster_kubectl get service kube-dns --namespace kube-system --ignore-not-found -o 'jsonpath={.spec.clusterIPs[*]}')
    read -ra DNS_SERVICE <<<"$addresses"
}

# Prints the nodes and addresses of CoreDNS's pods that are Ready, as a JSON array. The whole pods would be too long for an argument.
name_servers() {
    cluster_kubectl get pods --namespace kube-system --selector k8s-app=kube-dns -o json |
        jq -c '[.items[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True"))
            | {node: .spec.nodeName, addresses: [.status.podIPs[].ip]}]'
}

# Prints that CoreDNS has no pods, or those for which the scheduler has found no node, and why.
missing_name_servers() {
    [[ -n ${DNS_SERVICE:-} ]] || return 0
    cluster_kubectl get pods --namespace kube-system --selector k8s-app=kube-dns -o json |
        jq -r 'if .items == [] then "CoreDNS has no pods: kubectl --namespace kube-system scale deployment coredns --replicas 2" else
            .items[] | .metadata.name as $name | .status.conditions[]? | select(.type == "PodScheduled" and .status == "False")
            | "kube-system/\($name) has no node: \(.message[:300])" end'
}

# True when all of CoreDNS's pods on declared nodes are Ready, and there is one.
name_servers_are_ready() {
    cluster_kubectl get pods --namespace kube-system --selector k8s-app=kube-dns -o json |
        jq -e '[.items[] | select(.metadata.deletionTimestamp == null and (.spec.nodeName | IN($ARGS.positional[])))
            | any(.status.conditions[]?; .type == "Ready" and .status == "True")] | length > 0 and all' --args "${NODES[@]}"
}

# Prints the addresses that every node shall reach, as a JSON array: CoreDNS's Service and up to three pods of it, on different nodes. One empty
# text where an administrator removed the Service.
asked_addresses() {
    if [[ -n ${DNS_SERVICE:-} ]]; then holds_within 20 name_servers_are_ready || true; fi
    name_servers | jq -c --arg service "${DNS_SERVICE:-}" '[$service] + if $service == "" then [] else
        [unique_by(.node)[:3][] | .addresses[0]] end'
}

# Asks CoreDNS as a pod does, by the addresses that pods know and by each of its own.
silent_name_servers() {
    local address
    [[ -n ${DNS_SERVICE:-} ]] || return 0
    {
        lines "${DNS_SERVICE[@]}"
        jq -r '.[].addresses[]' <<<"$NAME_SERVERS"
    } | while read -r address; do
        in_pod_network bash -c "$(declare -f asks_name)"'; asks_name "$@"' bash "$address" "kubernetes.default.svc.$DNS_DOMAIN" "$DNS_SERVICE" </dev/null ||
            echo "no answer from CoreDNS at $address to a pod on $NODE_NAME"
    done
}

# asks_name ADDRESS NAME SERVICE: true when the name server knows an address for the name, of the family that SERVICE is of: the Service
# `kubernetes` has one address alone (RFC 1035, sections 4.1 and 3.2.2).
asks_name() {
    local label labels query='\x4b\x38\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00' type='\x01' answer
    IFS=. read -ra labels <<<"$2"
    for label in "${labels[@]}"; do query+=$(printf '\\x%02x%s' "${#label}" "$label"); done
    if [[ $3 == *:* ]]; then type='\x1c'; fi
    exec 3<>"/dev/udp/$1/53" || return
    # bash itself would end a datagram at each byte that is a line break.
    printf '%b' "$query\\x00\\x00$type\\x00\\x01" | dd bs=512 iflag=fullblock status=none >&3 || return
    answer=$(timeout 3 dd bs=512 count=1 status=none <&3 2>/dev/null | od -An -v -tx1 -N 8)
    # The id, no error, one question, at least one answer.
    [[ $answer =~ ^\ 4b\ 38\ ..\ .0\ 00\ 01\ (00\ 0[1-9]|00\ [1-9]) ]]
}
