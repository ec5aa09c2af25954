# shellcheck shell=bash
# Certificates of etcd that are not kubeadm's. A member's are made on its own host, so that their keys never leave it;
# the CA's key comes on standard input and is on no disk here.
# Read: PKI_ETCD_CA_CERT, PKI_ETCD_CA_KEY, and ETCD_CERTIFICATES, which is another one when they shall be renewed.

# etcd reads them for every connection, so it is not restarted for new ones.
write_etcd_pki() {
    local stamp=$STATE/etcd-certificates wanted
    wanted="$ETCD_CERTIFICATES $ETCD_NAME $ETCD_ADDRESS $(sha256sum <<<"$PKI_ETCD_CA_CERT")"
    [[ ! -e $stamp || $(<"$stamp") != "$wanted" ]] || return 0
    log "making this member's certificates"
    install -d -m 0755 "$ETCD_FOLDER" "$ETCD_PKI"
    write_file "$ETCD_PKI/ca.crt" 0644 <<<"$PKI_ETCD_CA_CERT"
    # A peer is a server and a client to the others.
    make_etcd_certificate server serverAuth,clientAuth
    make_etcd_certificate peer serverAuth,clientAuth
    make_etcd_certificate healthcheck-client clientAuth
    printf '%s\n' "$wanted" | write_file "$stamp" 0600
}

# Names and addresses are those that kubeadm gives its own members.
make_etcd_certificate() {
    local name=$1 usages=$2 file=$ETCD_PKI/$1
    quietly openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$ETCD_NAME" \
        -keyout "$file.key.new" -out "$file.csr"
    quietly openssl x509 -req -in "$file.csr" -out "$file.crt.new" -days 365 -sha256 -CA "$ETCD_PKI/ca.crt" \
        -CAkey <(printf '%s\n' "$PKI_ETCD_CA_KEY") -set_serial "0x$(openssl rand -hex 16)" -extfile <(
            printf '%s\n' "keyUsage=critical,digitalSignature" "basicConstraints=critical,CA:FALSE" \
                "extendedKeyUsage=$usages" "subjectAltName=DNS:$ETCD_NAME,DNS:localhost,IP:$ETCD_ADDRESS,IP:127.0.0.1,IP:::1"
        )
    chmod 0644 "$file.crt.new"
    if [[ $ETCD_RUNTIME == systemd ]]; then
        chown etcd:etcd "$file.key.new"
    fi
    mv -f "$file.key.new" "$file.key"
    mv -f "$file.crt.new" "$file.crt"
    rm -f "$file.csr"
}

# What kube-apiserver knows etcd by, and shows to it. kubeadm makes the latter itself from the CA, where the member is its own.
write_etcd_access() {
    install -d -m 0755 "$PKI/etcd"
    write_file "$PKI/etcd/ca.crt" 0644 <<<"$PKI_ETCD_CA_CERT"
    if [[ $ETCD_RUNTIME == kubeadm ]]; then
        write_secret "$PKI/etcd/ca.key" "$PKI_ETCD_CA_KEY"
    else
        write_file "$PKI/apiserver-etcd-client.crt" 0644 <<<"$PKI_ETCD_CLIENT_CERT"
        write_secret "$PKI/apiserver-etcd-client.key" "$PKI_ETCD_CLIENT_KEY"
    fi
}

# kube-apiserver reads certificate and key for every connection, but the CA once, when it starts.
reload_etcd_ca() {
    # Where none runs, the next one reads the new CA.
    if restart_if_older "$PKI/etcd/ca.crt" kube-apiserver; then
        wait_for 120 "kube-apiserver's /readyz" apiserver_is_ready
    fi
}
