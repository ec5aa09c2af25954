# shellcheck shell=bash
# The certificates that kubeadm made on a control plane node, good for a year. The administrator's, which is Pulumi's own,
# tells the time: the `up` that renews it renews these as well. A kubelet renews its own.
# Read: CERTIFICATES, which is another one when they shall be renewed.

certificates_are_due() { [[ ! -e $STATE/certificates || $(<"$STATE/certificates") != "$CERTIFICATES" ]]; }

mark_certificates() { printf '%s\n' "$CERTIFICATES" | write_file "$STATE/certificates" 0600 || true; }

# No pod of anybody's notices: kube-apiserver and etcd read theirs for every connection, and the other two start anew.
renew_certificates() {
    local component
    certificates_are_due || return 0
    renew_all_certificates
    # Theirs are part of a kubeconfig, which they read once.
    for component in kube-controller-manager kube-scheduler; do
        ! stop_older_than "/etc/kubernetes/${component#kube-}.conf" "$component" ||
            wait_for 120 "the new $component" component_runs "$component"
    done
    mark_certificates
}

# Once they have expired the hosts cannot take turns: no etcd member believes another, so there is no quorum before a
# majority has new ones. The kubelet forgets how long it wanted to wait with a pod that ended too often.
revive_certificates() {
    case $ROLE in
        control-plane) certificate_has_expired "$PKI/apiserver.crt" || return 0 ;;
        etcd) certificate_has_expired "$ETCD_PKI/server.crt" || return 0 ;;
        *) return 0 ;;
    esac
    log "this host's certificates have expired"
    [[ $ETCD_RUNTIME == kubeadm ]] || revive_etcd_certificates
    [[ $ROLE != control-plane ]] || renew_all_certificates
    [[ $ROLE/$ETCD_RUNTIME == etcd/systemd ]] || systemctl restart kubelet
}

revive_etcd_certificates() {
    ! has_member || write_etcd_pki
    [[ $ROLE != control-plane ]] || write_etcd_access
}

certificate_has_expired() { ! openssl x509 -noout -checkend 0 -in "$1" >/dev/null; }

renew_all_certificates() {
    log "renewing this node's certificates"
    quietly kubeadm certs renew all --config "$KUBEADM_CONFIG_FILE"
}

# stop_older_than FILE COMPONENT: true when COMPONENT ran since before FILE was written; the kubelet starts it anew.
stop_older_than() {
    local container started
    read -r container started < <(crictl ps --name "^$2$" --output json |
        jq -r '.containers[]? | "\(.id) \(.createdAt)"') || return 1
    ((started / 1000000000 < $(stat -c %Y "$1"))) || return 1
    log "restarting $2, which read its certificates before they changed"
    crictl stop --timeout 60 "$container" >/dev/null || die "$2 could not be stopped; see above"
}

component_runs() { [[ -n $(crictl ps --quiet --name "^$1$") ]]; }
