# shellcheck shell=bash
# Calico's pools of addresses. Calico makes them once, when its first node starts. From then on the pool alone says how packets between nodes are
# encapsulated, so a changed cni.mode is written into the pools too.

apply_calico_pools() {
    local row name wanted live
    for row in "${CALICO_POOLS[@]}"; do
        read -r name wanted <<<"$row"
        live=$(wait_for_output 30 "the API to return Calico's pool $name" calico_pool "$name")
        if [[ -z $live || $live == "$wanted" ]]; then continue; fi
        case $live in
            # Of each cni.mode (addons/calico.ts).
            "Never CrossSubnet" | "Never Never" | "Always Never") change_calico_pool "$name" "$wanted" ;;
            *)
                log "warning: Calico's pool $name stays as somebody has set it: ipipMode and vxlanMode are '$live', cni.mode has '$wanted'" \
                    "(docs/runbooks.md, \"Change Calico's mode\")"
                ;;
        esac
    done
}

# change_calico_pool NAME MODES
change_calico_pool() {
    # Felix writes the routes of VXLAN whatever else runs; those of the other modes need BIRD on every node.
    if [[ $2 == *" Never" ]]; then restart_calico; fi
    log "changing Calico's pool $1 to '$2' (ipipMode and vxlanMode)"
    wait_for 30 "Calico's pool $1 to change" patch_calico_pool "$1" "$2"
    restart_calico
}

# calico_pool NAME: prints "ipipMode vxlanMode"; nothing where there is no such pool, because somebody has made others.
calico_pool() {
    local errors pool
    errors=$(mktemp /tmp/.pulumi-kubeadm-XXXXXX)
    if pool=$(cluster_kubectl get --raw "/apis/crd.projectcalico.org/v1/ippools/$1" 2>"$errors"); then
        jq -r '"\(.spec.ipipMode // "Never") \(.spec.vxlanMode // "Never")"' <<<"$pool"
    elif ! grep -qF "(NotFound)" "$errors"; then
        cat "$errors" >&2
        rm -f "$errors"
        return 1
    fi
    rm -f "$errors"
}

# patch_calico_pool NAME MODES
patch_calico_pool() {
    local patch
    patch=$(jq -n --arg modes "$2" '($modes | split(" ")) as [$ipip, $vxlan] | {spec: {ipipMode: $ipip, vxlanMode: $vxlan}}')
    cluster_kubectl patch ippools.crd.projectcalico.org "$1" --type merge --patch "$patch"
}

# Restarts calico-node on all nodes at once, where it is older than its DaemonSet. With BIRD a pod becomes Ready only when another node's BIRD
# answers, so the DaemonSet's own update, one pod after the other, would wait for ever at the first.
restart_calico() {
    local said
    said=$(wait_for_output 30 "the API to return the state of calico-node" calico_rollout)
    if [[ $said == *"successfully rolled out"* ]]; then return; fi
    log "restarting calico-node on all nodes at once, with the new cni.mode"
    wait_for 30 "calico-node to restart" cluster_kubectl -n kube-system delete pods --selector k8s-app=calico-node --wait=false
    wait_for 300 "calico-node to run with the new cni.mode on every node" calico_is_rolled_out
}

calico_rollout() { cluster_kubectl -n kube-system rollout status daemonset/calico-node --watch=false; }

calico_is_rolled_out() {
    local said
    said=$(calico_rollout) || return
    if [[ $said != *"successfully rolled out"* ]]; then
        echo "$said"
        return 1
    fi
}
