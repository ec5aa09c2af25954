# shellcheck shell=bash
# Prints the last errors of the programs on this host, when a wait has timed out or `kubeadm join` has.

# with_last_errors COMMAND…: for one that waits for the kubelet itself.
with_last_errors() {
    local code=0
    "$@" || code=$?
    if ((code != 0)); then last_errors >&2; fi
    return "$code"
}

# Of klog (kubelet, kube-apiserver), of logrus (containerd), of zap (etcd), of haproxy and nginx; and what has no level: a
# flag that the program does not know, and a panic of Go.
readonly ERROR_LINE='^[EF][0-9]{4} |level=(error|fatal)|"level":"(error|fatal|panic)"|\[(ALERT|emerg|alert|crit)\]|^(Error|panic): |^flag provided but not defined'

# Prints the last error of each service and static pod within the last minutes, cut to a length that a person reads.
last_errors() {
    local unit name
    for unit in kubelet containerd etcd haproxy nginx; do
        last_error "$unit" < <(timeout 10 journalctl --quiet --no-pager --output cat --unit "$unit" --since -5min 2>/dev/null)
    done
    type -P crictl >/dev/null || return 0
    for name in etcd kube-apiserver kube-controller-manager kube-scheduler kube-vip load-balancer; do
        last_error "$name" < <(last_container_log "$name")
    done
}

# last_error NAME: of the lines on standard input.
last_error() {
    local line
    # haproxy writes an alert at each of its stops.
    line=$(grep -E "$ERROR_LINE" | grep -vE 'exited with code (0|143) ' | tail -n 1) || return 0
    printf '%s: %s\n' "$1" "${line:0:400}"
}

# last_container_log NAME: prints the end of the last minutes' log of the container of that name that was made last, whether it runs or has ended.
# The kubelet starts a container in a crash loop at least every five minutes, so ten minutes have the lines of its last run.
last_container_log() {
    local container
    container=$(timeout 10 crictl ps --all --quiet --latest --name "^$1$" 2>/dev/null) || return 0
    if [[ -n $container ]]; then timeout 10 crictl logs --since 10m --tail 50 "$container" 2>&1; fi
}
