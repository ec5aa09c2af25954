# shellcheck shell=bash
# Looks for crash loops after a change: the services and static pods that it restarted must run for some seconds. A service that answers once and
# then ends is not healthy.

readonly WATCHED_PODS="etcd kube-apiserver kube-controller-manager kube-scheduler kube-vip load-balancer"

watched_units() {
    local name
    if runs_containerd; then echo containerd kubelet; fi
    if [[ $ETCD_RUNTIME == systemd ]]; then echo etcd; fi
    for name in haproxy nginx keepalived; do
        if runs_balancer "$name"; then echo "$name"; fi
    done
}

# Prints, for each of them that this host has, the id of its present run, or "does not run".
what_runs() {
    local name run
    for name in $(watched_units); do
        run=$(systemctl show --property ActiveState,InvocationID "$name.service" | sort | cut -d= -f2 | xargs)
        case $run in
            active*) echo "$name ${run#active }" ;;
            "") ;;
            *) echo "$name does not run" ;;
        esac
    done
    for name in $WATCHED_PODS; do
        [[ -e $MANIFESTS/$name.yaml ]] || continue
        run=$(crictl --timeout 5s ps --quiet --latest --label io.kubernetes.pod.namespace=kube-system --state Running --name "^$name$" 2>/dev/null) || true
        echo "the static pod $name ${run:-does not run}"
    done
}

# look_for_restarts BEFORE: what ran before the change. One that loses a lease because of the change may start once more.
look_for_restarts() {
    local now
    now=$(what_runs)
    if [[ $now == "$1" && $now != *"does not run"* ]]; then return; fi
    log "looking for restarts"
    wait_for 120 "what restarted to run for 8 s" nothing_restarts
}

# Prints what has restarted or ended meanwhile, or does not run.
nothing_restarts() {
    local first now line found=()
    first=$(what_runs)
    sleep 8
    now=$(what_runs)
    while read -r line; do
        if [[ $line == *" does not run" ]]; then
            found+=("$line")
        elif ! grep -qxF "$line" <<<"$first"; then
            found+=("${line% *} has restarted")
        fi
    done <<<"$now"
    lines "${found[@]}"
    ((${#found[@]} == 0))
}
