# shellcheck shell=bash
# Calico's pools of addresses. Calico makes them once, when its first node starts. From then on the pool alone says how packets between nodes are
# encapsulated, so a changed cni.mode is written into the pools too.

apply_calico_pools() {
    local row name ipip vxlan live
    for row in "${CALICO_POOLS[@]}"; do
        read -r name ipip vxlan <<<"$row"
        live=$(wait_for_output 30 "the API to return Calico's pool $name" calico_pool "$name")
        if [[ -z $live || $live == "$ipip $vxlan" ]]; then continue; fi
        case $live in
            # Of each cni.mode (addons/calico.ts).
            "Never CrossSubnet" | "Never Never" | "Always Never") ;;
            *)
                log "warning: Calico's pool $name stays as somebody has set it: ipipMode and vxlanMode are '$live', cni.mode has '$ipip $vxlan'"
                continue
                ;;
        esac
        # Felix writes the routes of VXLAN whatever else runs; those of the other modes need BIRD on every node.
        if [[ $vxlan == Never ]]; then restart_calico; fi
        log "changing Calico's pool $name from '$live' to '$ipip $vxlan' (ipipMode and vxlanMode)"
        wait_for 30 "Calico's pool $name to change" cluster_kubectl patch ippools.crd.projectcalico.org "$name" --type merge \
            --patch "{\"spec\": {\"ipipMode\": \"$ipip\", \"vxlanMode\": \"$vxlan\"}}"
        restart_calico
    done
}

# calico_pool NAME: prints "ipipMode vxlanMode"; nothing where there is no such pool, because somebody has made others.
calico_pool() {
    local said
    if said=$(cluster_kubectl get --raw "/apis/crd.projectcalico.org/v1/ippools/$1" 2>&1); then
        jq -r '.spec | "\(.ipipMode // "Never") \(.vxlanMode // "Never")"' <<<"$said"
    elif [[ $said != *"(NotFound)"* ]]; then
        echo "$said"
        return 1
    fi
}

# Restarts calico-node on all nodes at once, where it is older than its DaemonSet. With BIRD its pod is Ready once it has a session with every
# other node, so the DaemonSet's own update, one pod after the other, would wait for ever at the first. Pods and their connections do not need
# calico-node meanwhile, and routes of BIRD stay until Felix replaces them.
restart_calico() {
    if calico_is_rolled_out; then return; fi
    log "restarting calico-node on all nodes at once, with the new cni.mode"
    wait_for 30 "calico-node to restart" cluster_kubectl -n kube-system delete pods --selector k8s-app=calico-node --wait=false
    wait_for 300 "calico-node to run with the new cni.mode on every node" calico_is_rolled_out
}

calico_is_rolled_out() { cluster_kubectl -n kube-system rollout status daemonset/calico-node --watch=false | grep "successfully rolled out"; }
