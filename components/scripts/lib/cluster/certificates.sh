# shellcheck shell=bash
# The certificates that kubeadm made on a control plane node, good for a year. The administrator's, which is Pulumi's own,
# tells the time: the `up` that renews it renews these as well. A kubelet renews its own.
# Read: CERTIFICATES, which is another one when they shall be renewed.

certificates_are_due() { ! mark_is certificates "$CERTIFICATES"; }

mark_certificates() { mark certificates "$CERTIFICATES"; }

# No pod of anybody's notices: kube-apiserver and etcd read theirs for every connection, and the other two start anew.
renew_certificates() {
    local component
    certificates_are_due || return 0
    renew_all_certificates
    # Theirs are part of a kubeconfig, which they read once.
    for component in kube-controller-manager kube-scheduler; do
        if restart_if_older "$KUBERNETES_FOLDER/${component#kube-}.conf" "$component"; then
            wait_for 120 "the new $component" component_runs "$component"
        fi
    done
    mark_certificates
}

# Once they have expired the hosts cannot take turns: no etcd member believes another, so there is no quorum before a
# majority has new ones. The kubelet forgets how long it wanted to wait with a pod that ended too often.
renew_expired_certificates() {
    some_certificate_has_expired || return 0
    log "this host's certificates have expired"
    if etcd_has_member; then
        write_etcd_pki
    fi
    if [[ $ROLE == control-plane ]]; then
        if [[ $ETCD_RUNTIME != kubeadm ]]; then
            write_etcd_access
        fi
        renew_all_certificates
    fi
    if [[ $ROLE/$ETCD_RUNTIME != etcd/systemd ]]; then
        systemctl restart kubelet
    fi
}

# Of those that live for a year; a worker has none.
some_certificate_has_expired() {
    local file
    for file in "$PKI"/*.crt "$PKI"/etcd/*.crt "$ETCD_PKI"/*.crt; do
        [[ -s $file && $file != *ca.crt ]] || continue
        openssl x509 -noout -checkend 0 -in "$file" >/dev/null || return 0
    done
    return 1
}

renew_all_certificates() {
    log "renewing this node's certificates"
    quietly kubeadm certs renew all --config "$KUBEADM_CONFIG_FILE"
}

# restart_if_older FILE COMPONENT: true when COMPONENT ran since before FILE was written; the kubelet starts it anew.
restart_if_older() {
    local container started
    read -r container started < <(crictl ps --name "^$2$" --output json |
        jq -r '.containers[]? | "\(.id) \(.createdAt)"') || return 1
    ((started / 1000000000 < $(stat -c %Y "$1"))) || return 1
    log "restarting $2, which read its certificates before they changed"
    crictl stop --timeout 60 "$container" >/dev/null || die "$2 could not be stopped; see above"
}
