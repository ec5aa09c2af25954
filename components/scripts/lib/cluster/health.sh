# shellcheck shell=bash
# Tells whether the kubelet, kube-apiserver and this Node are healthy, and waits for them.

# apiserver_endpoint ADDRESS: prints host:port of kube-apiserver on that host.
apiserver_endpoint() { if [[ $1 == *:* ]]; then printf '[%s]:%s' "$1" "$APISERVER_PORT"; else printf '%s:%s' "$1" "$APISERVER_PORT"; fi; }

apiserver_is_ready() {
    curl --silent --fail --max-time 2 --cacert "$PKI/ca.crt" "https://$(apiserver_endpoint "$NODE_ADDRESS")/readyz"
}

kubelet_is_healthy() { curl --silent --fail --max-time 2 "http://127.0.0.1:$KUBELET_HEALTH_PORT/healthz"; }

endpoint_is_ready() { curl --silent --fail --max-time 2 --cacert "$PKI/ca.crt" "https://$CONTROL_PLANE_ENDPOINT/readyz"; }

wait_control_plane() {
    wait_for 240 "the kubelet to be healthy" kubelet_is_healthy
    wait_for 240 "$(etcd_wait_text etcd)" etcd_is_healthy
    wait_for 240 "kube-apiserver's /readyz to succeed" apiserver_is_ready
}

wait_controllers() {
    local component
    for component in kube-controller-manager kube-scheduler; do
        wait_for 120 "$component to run" component_runs "$component"
    done
}

component_runs() { [[ -n $(crictl ps --quiet --name "^$1$") ]]; }

# Compares machine-id and version, because the Node object still shows its predecessor's status for a while after a host is replaced. Where
# they differ, or the Node is not Ready, prints them and what the kubelet says.
node_is_ready() {
    local status
    status=$(node_kubectl get node "$NODE_NAME" -o "jsonpath=$NODE_STATUS") || return
    if [[ ${status%%$'\n'*} != "$(</etc/machine-id) v$KUBERNETES_VERSION"*" True" ]]; then
        echo "the Node is: $status"
        return 1
    fi
}

readonly NODE_STATUS='{.status.nodeInfo.machineID} {.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}{"\n"}{.status.conditions[?(@.type=="Ready")].message}'

# True when any Node is Ready. While the cluster is being created none is: the CNI plugin is installed once all nodes exist.
cluster_network_is_ready() { [[ $(ready_conditions 2>/dev/null) == *True* ]]; }

ready_conditions() {
    cluster_kubectl --server "https://$(apiserver_endpoint "$NODE_ADDRESS")" get nodes \
        -o 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
}

cluster_kubectl() { kubectl --kubeconfig "$ADMIN_CONF" --request-timeout 10s "$@"; }
