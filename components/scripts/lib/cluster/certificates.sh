# shellcheck shell=bash
# Renews the certificates that kubeadm makes on a control plane node. The `up` that renews the administrator's certificate, which
# Pulumi makes, renews these too. A kubelet renews its own.

# Without a mark the host was taken over: its certificates are good if they last until the next renewal.
certificates_are_due() {
    if [[ -e $STATE/certificates ]]; then
        ! mark_is certificates "$CERTIFICATE_GENERATION"
    else
        some_certificate_ends "$CERTIFICATES_UNTIL"
    fi
}

mark_certificates() { mark certificates "$CERTIFICATE_GENERATION"; }

# Needs no drain: kube-apiserver and etcd reload certificates per connection; controller-manager and scheduler are restarted.
renew_certificates() {
    local component
    if ! certificates_are_due; then
        mark_certificates
        return
    fi
    renew_all_certificates
    # Their certificates are part of a kubeconfig, which they read only when they start.
    for component in kube-controller-manager kube-scheduler; do
        if restart_if_older "$KUBERNETES_FOLDER/${component#kube-}.conf" "$component"; then
            wait_for 120 "the new $component to run" component_runs "$component"
        fi
    done
    mark_certificates
}

# Renews expired certificates on all hosts in parallel, without waiting for health: etcd members reject each other's expired
# certificates, so there is no quorum before a majority has new ones. Restarting the kubelet resets its back-off for failing pods.
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

some_certificate_has_expired() { some_certificate_ends "$(date +%s)"; }

# some_certificate_ends TIME: looks at the certificates that kubeadm or the program made; a worker has none of them.
some_certificate_ends() {
    local file seconds=$(($1 - $(date +%s)))
    for file in "$PKI"/{apiserver,apiserver-kubelet-client,apiserver-etcd-client,front-proxy-client}.crt \
        "$PKI"/etcd/{server,peer,healthcheck-client}.crt "$ETCD_PKI"/*.crt; do
        [[ -s $file && $file != *ca.crt ]] || continue
        openssl x509 -noout -checkend "$((seconds > 0 ? seconds : 0))" -in "$file" >/dev/null || return 0
    done
    return 1
}

# Prints when the first certificate ends, a CA's or one of theirs, RFC 3339; nothing where there is none.
first_certificate_end() {
    local file end first=""
    for file in "$PKI"/*.crt "$PKI"/etcd/*.crt "$ETCD_PKI"/*.crt; do
        [[ -s $file ]] || continue
        end=$(openssl x509 -noout -enddate -in "$file") || continue
        end=$(date --utc --date "${end#notAfter=}" +%FT%TZ)
        if [[ -z $first || $end < $first ]]; then first=$end; fi
    done
    printf '%s' "$first"
}

# The mark of no generation tells an interrupted renewal from a finished one. kubeadm reads the algorithm and the validity from its configuration.
renew_all_certificates() {
    log "renewing this node's certificates"
    mark certificates ""
    write_kubeadm_config
    quietly kubeadm certs renew all --config "$KUBEADM_CONFIG_FILE"
}

# restart_if_older FILE COMPONENT: stops COMPONENT when it started before FILE was written; the kubelet restarts it. True when it
# was stopped. It has ten seconds, as in stop_static_pod. A containerd that a failed change has stopped is configured later in this step.
restart_if_older() {
    local found container started
    systemctl --quiet is-active containerd || systemctl start containerd || return 1
    found=$(wait_for_output 60 "containerd to tell when $2 started" crictl ps --name "^$2$" --output json) || exit 1
    read -r container started < <(jq -r '.containers[]? | "\(.id) \(.createdAt)"' <<<"$found") || return 1
    ((started / 1000000000 < $(stat -c %Y "$1"))) || return 1
    log "restarting $2, which read its files before they changed"
    crictl stop --timeout 10 "$container" >/dev/null || die "$2 could not be stopped; see above"
}
