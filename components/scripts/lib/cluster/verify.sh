# shellcheck shell=bash
# Looks at the cluster as its pods do, in the last step of an `up`. Meanwhile a pod that does nothing runs on every node. Its image is that of
# the pods' sandboxes, which every node has.

readonly VERIFY_LABEL=pulumi-kubeadm/verify
# Reasons why a container waits, where its image or its program does not work.
readonly BROKEN='["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerError", "CreateContainerConfigError", "RunContainerError", "PostStartHookError"]'

# The words with which an admission webhook, Pod Security or a quota refuses a pod.
readonly REFUSED='denied the request|violates PodSecurity|exceeded quota'

verify_cluster() {
    local asked pods
    if [[ $VERIFY != true ]]; then return; fi
    VERIFYING=true
    remove_verify_pods
    read_cluster_dns
    asked=$(wait_for_output 30 "CoreDNS's pods" asked_addresses)
    VERIFY_SINCE=$SECONDS
    pods=$(verify_pods "$asked")
    if make_pods "$pods"; then
        # Faults of the first moments pass by themselves.
        wait_for 120 "pods to reach each other and CoreDNS (verify)" cluster_works
        log "pods on ${#NODES[@]} nodes reach each other and CoreDNS"
        warn_of_lost_packets
    fi
    warn_of_other_pods
    remove_verify_pods
}

# Called at the end of the phase too, whatever its result. A pod whose step was killed ends by itself (activeDeadlineSeconds).
remove_verify_pods() {
    [[ -n ${VERIFYING:-} ]] || return 0
    cluster_kubectl delete pods --namespace kube-system --selector "$VERIFY_LABEL" --wait=false >/dev/null 2>&1 || true
}

# make_pods PODS: false where a policy of the cluster's refuses such pods; then they are not asked.
make_pods() {
    local said
    for _ in {1..15}; do
        said=$(cluster_kubectl create -f - <<<"$1" 2>&1) && return
        if [[ $said =~ $REFUSED ]]; then break; fi
        sleep 2
    done
    [[ $said =~ $REFUSED ]] || die "the pods of the verification cannot be made: $said"
    log "warning: the cluster was not verified, because it refuses the pods for it: ${said:0:400}"
    return 1
}

# verify_pods ADDRESSES: a pod for every node, bound to it, so no scheduler and no cordon keeps it away. It has a container for each of the
# addresses, which is ready once the node reaches that address.
verify_pods() {
    jq -n --arg key "$VERIFY_LABEL" --arg image "$SANDBOX_IMAGE" --argjson asked "$1" '{apiVersion: "v1", kind: "List", items: [$ARGS.positional[] | {
        apiVersion: "v1", kind: "Pod",
        metadata: {generateName: "pulumi-kubeadm-verify-", namespace: "kube-system", labels: {($key): ""}},
        spec: {
            nodeName: ., restartPolicy: "Never", activeDeadlineSeconds: 300, terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: false, enableServiceLinks: false, tolerations: [{operator: "Exists"}],
            securityContext: {runAsNonRoot: true, runAsUser: 65535, seccompProfile: {type: "RuntimeDefault"}},
            containers: [$asked | to_entries[] | {
                name: "nothing-\(.key)", image: $image, imagePullPolicy: "IfNotPresent",
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]}},
                readinessProbe: (if .value == "" then null else {tcpSocket: {host: .value, port: 53}, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 1} end)
            }]
        }
    }]}' --args "${NODES[@]}"
}

# Prints every fault.
cluster_works() {
    local pods faults
    POD_NETWORK=$(pod_network) || return
    NAME_SERVERS=$(name_servers) || return
    pods=$(verify_pods_now) || return
    faults=$(broken_pods critical && nodes_without_cni && pods_without_start "$pods" && unreached_pods "$pods" && silent_name_servers) || return
    if [[ -n $faults ]]; then
        missing_name_servers
        printf '%s\n' "$faults"
        name_policies
        return 1
    fi
}

name_policies() {
    local names
    names=$(cluster_kubectl get networkpolicies --namespace kube-system -o 'jsonpath={.items[*].metadata.name}')
    if [[ -n $names ]]; then echo "NetworkPolicies in kube-system may be the cause: $names"; fi
}

# As JSON, but for those of a former run that end.
verify_pods_now() {
    cluster_kubectl get pods --namespace kube-system --selector "$VERIFY_LABEL" -o json |
        jq '.items |= map(select(.metadata.deletionTimestamp == null))'
}

# pods_without_start PODS: prints the nodes whose pod does not start or does not reach CoreDNS. A node that has as many pods as it may, or too
# little disk for another one, is left out, and so are pods of CoreDNS that have ended meanwhile.
pods_without_start() {
    local late
    late=$(jq -r --arg dns "${DNS_SERVICE:-}" --argjson servers "$NAME_SERVERS" '.items as $pods | $ARGS.positional[] as $node
        | [$pods[] | select(.spec.nodeName == $node)] | first
        | select((.status.reason // "" | test("^(OutOf|Evicted)")) | not)
        | (.status.containerStatuses // []) as $states
        | if ($states | length > 0 and all(.state.running)) then
            (.spec.containers | map({(.name): .readinessProbe.tcpSocket.host}) | add) as $asked
            | $states[] | select(.ready | not) | $asked[.name]
            | if . == $dns then "\($node): CoreDNS'"'"'s Service does not answer at \(.), port 53"
              elif IN($servers[].addresses[]) then "\($node): CoreDNS'"'"'s pod does not answer at \(.), port 53"
              else empty end
          else ([$states[] | select(.state.running | not)] | first | .state.waiting) as $waiting
            | "\($node): the pod \(.metadata.name // "of the verification") does not start: \(.status.reason // $waiting.reason // .status.phase // "it is gone") \(.status.message // $waiting.message // "")"
          end' --args "${NODES[@]}" <<<"$1") || return
    if [[ -n $late ]]; then
        printf '%s\n' "$late"
        if verify_is_late; then warnings_of "$1" || true; fi
    fi
}

# warnings_of PODS: prints the last warning of each. The pods of many nodes are too long for an argument.
warnings_of() {
    cluster_kubectl get events --namespace kube-system --field-selector type=Warning -o json |
        jq -r --slurpfile pods <(printf '%s' "$1") '[$pods[0].items[].metadata.name] as $names
            | [.items[] | select(.involvedObject.name | IN($names[]))]
            | group_by(.involvedObject.name)[] | last | "\(.involvedObject.name): \(.reason): \(.message[:300])"'
}

# Reasons cost further requests, and most faults pass within seconds.
verify_is_late() { ((SECONDS - VERIFY_SINCE > 20)); }

# unreached_pods PODS: asks every pod, by each of its addresses, from the network of this node's.
unreached_pods() {
    pod_addresses "$1" | for_each_address answers | sed -E "s/(.*) (.*)/\\1: the pod at \\2 does not answer a pod on $NODE_NAME/"
}

# pod_addresses PODS: prints "NODE ADDRESS" for each address of those that run.
pod_addresses() { jq -r '.items[] | select(.status.phase == "Running") | .spec.nodeName as $node | .status.podIPs[]? | "\($node) \(.ip)"' <<<"$1"; }

# for_each_address FUNCTION [HELPER…]: prints those lines of "NODE ADDRESS" for whose address FUNCTION is false, in the network of this node's pod.
for_each_address() {
    # shellcheck disable=SC2016 # the inner shell expands it
    in_pod_network xargs --no-run-if-empty --max-procs 32 --max-args 2 bash -c "$(declare -f "$@")
        $1"' "$1" || echo "$0 $1"'
}

# answers ADDRESS: nothing listens there, and a refused connection is an answer.
answers() {
    local said
    # shellcheck disable=SC2016 # the inner shell expands it
    said=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/9"' "$1" 2>&1) || [[ $said == *"Connection refused"* ]]
}

# Prints the path of the network of this node's pod; without one, of the node's own.
pod_network() {
    local pod process=self
    pod=$(crictl pods --quiet --state Ready --namespace kube-system --label "$VERIFY_LABEL=" | sed -n 1p) || return
    if [[ -n $pod ]]; then process=$(crictl inspectp --output json "$pod" | jq -r .info.pid) || return; fi
    printf '/proc/%s/ns/net' "$process"
}

in_pod_network() { nsenter --net="$POD_NETWORK" -- "$@"; }

# Prints the nodes on which no pod of the CNI plugin runs: their network lasts until they restart. Pulumi does not see that somebody deleted the
# DaemonSet.
nodes_without_cni() {
    local namespace label
    read -r namespace label <<<"$CNI_PODS"
    cluster_kubectl get pods --namespace "$namespace" --selector "$label" -o json |
        jq -r --arg pods "$label" '$ARGS.positional - [.items[] | select(.status.phase == "Running") | .spec.nodeName] | select(length > 0)
            | "\(.[:10] | join(", ")): no pod of the CNI plugin (\($pods)) runs there; if its DaemonSet was deleted: pulumi up --refresh"' --args "${NODES[@]}"
}

# broken_pods critical|other: prints the pods that do not come up, those whose program has ended again, and those that were started again and have
# not run for 10 s since. (A container that ends at once waits as CrashLoopBackOff only after a while; before it is `terminated`.) The critical ones
# are the cluster's own parts on declared nodes: static pods, CoreDNS, kube-proxy and the CNI plugin.
broken_pods() {
    local namespace found
    for namespace in kube-system kube-flannel; do
        found=$(cluster_kubectl get pods --namespace "$namespace" -o json) || return
        jq -r --arg kind "$1" --argjson broken "$BROKEN" '.items[] | select(.metadata.deletionTimestamp == null) | . as $pod
            | (.metadata.namespace == "kube-flannel" or .metadata.annotations["kubernetes.io/config.source"] == "file" or
                (.metadata.labels["k8s-app"] | IN("kube-dns", "kube-proxy", "node-local-dns", "calico-node", "calico-kube-controllers", "cilium"))) as $own
            | (if $own and (.spec.nodeName | IN($ARGS.positional[])) then "critical" else "other" end) as $is
            | select($is == $kind)
            | ((.status.initContainerStatuses[]? | select(.state.terminated.exitCode != 0)), .status.containerStatuses[]?)
            | (if .state.waiting.reason | IN($broken[]) then
                 # Of a program that ends, its own last line says more.
                 .state.waiting | if .message and .reason != "CrashLoopBackOff" then "\(.reason): \(.message[:300] | gsub("\n"; " "))" else .reason end
               elif .restartCount > 0 and .state.terminated and $pod.spec.restartPolicy == "Always" then
                 "it has ended with exit code \(.state.terminated.exitCode), started \(.restartCount) times"
               elif .restartCount > 1 and .state.running and now - (.state.running.startedAt | fromdate) < 10 then "it was started \(.restartCount) times"
               else empty end) as $why
            | "\($pod.spec.nodeName) \($pod.metadata.namespace) \($pod.metadata.name) \(.name) \($why)"' --args "${NODES[@]}" <<<"$found"
    done | while read -r node namespace pod container reason; do
        which=(--previous)
        if [[ $reason == "it has ended"* ]]; then which=(); fi
        line=$(cluster_kubectl logs --namespace "$namespace" "$pod" --container "$container" "${which[@]}" --tail 1 2>/dev/null </dev/null | cut -c 1-300) || true
        echo "$node: $namespace/$pod: $reason${line:+: $line}"
    done
}

# Pods of others in the same namespaces stop no `up`.
warn_of_other_pods() {
    local found
    found=$(broken_pods other) || return 0
    if [[ -n $found ]]; then log "warning: pods that do not come up: ${found//$'\n'/; }"; fi
}
