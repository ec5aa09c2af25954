# shellcheck shell=bash
# Calls a function whose name depends on a role, a firewall, an operating system and the like. Each list of cases stands once.

readonly ROLES="control-plane worker etcd load-balancer"
readonly OS_FAMILIES="debian redhat"
readonly FIREWALLS="firewalld ufw"
# What runs an etcd member that is not kubeadm's.
readonly ETCD_RUNTIMES="systemd static-pod"
# The parts of a load balancer: services of the host, which `prepare` installs, and static pods, which need a node to run on.
readonly BALANCER_SERVICES="haproxy nginx lvs keepalived real-server" BALANCER_PODS="kube-vip node-local"
readonly NODE_LOCAL_PROXIES="haproxy nginx"
# The locks of changes (lib/core/change-lock.sh).
readonly LOCKS="lease etcd-lock"

# The checks of preflight: of every host, of a live one, of a new one (model/preflightChecks.ts).
readonly CHECKS="operating-system system capacity swap address kernel programs firewall lvs identity clock etcd-endpoints hostname"
readonly LIVE_HOST_CHECKS="keys etcd-layout network endpoint version"
readonly NEW_HOST_CHECKS="remains cni container-runtime foreign-configuration virtual-address resolver time-sync etcd-disk ports service-route package-manager packages package-source sources endpoint-name external-balancer peers mtu"

# dispatch LIST CASE PATTERN [ARGUMENT…]: calls the function PATTERN with CASE in the place of @. LIST is the variable that lists
# the cases; tests/unit/scriptFunctions.test.ts checks that the function exists for each of them.
dispatch() {
    local -n cases=$1
    local case=$2 pattern=$3
    [[ " $cases " == *" $case "* ]] || die "got '$case', expected one of: $cases"
    "${pattern//@/"${case//-/_}"}" "${@:4}"
}

# os_call FUNCTION [ARGUMENT…]: calls FUNCTION_debian or FUNCTION_redhat, whichever fits this host.
os_call() { dispatch OS_FAMILIES "$(os_family)" "${1}_@" "${@:2}"; }
