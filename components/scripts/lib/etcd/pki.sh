# shellcheck shell=bash
# Certificates of an etcd that is not kubeadm's. A member's certificates are made on its own host, so that their keys never leave
# it; the CA's key comes on standard input and is never written to disk here.

# etcd reloads certificates for every connection, so new ones need no restart. The stamp is removed first: an interrupted change that is
# taken back is undone.
write_etcd_pki() {
    local stamp=$STATE/etcd-certificates wanted sans="${ETCD_SERVER_SANS[*]} ${ETCD_PEER_SANS[*]}"
    wanted="$ETCD_CERTIFICATE_GENERATION $ETCD_NAME $ETCD_ADDRESS $(sha256sum <<<"$PKI_ETCD_CA_CERT")"
    if [[ $sans != " " ]]; then
        wanted+=" ${ETCD_SERVER_SANS[*]} / ${ETCD_PEER_SANS[*]}"
    fi
    [[ ! -e $stamp || $(<"$stamp") != "$wanted" ]] || return 0
    log "issuing this member's certificates"
    rm -f "$stamp"
    install -d -m 0755 "$ETCD_FOLDER" "$ETCD_PKI"
    write_file "$ETCD_PKI/ca.crt" 0644 <<<"$PKI_ETCD_CA_CERT"
    # A member is both server and client of its peers.
    make_etcd_certificate server serverAuth,clientAuth "${ETCD_SERVER_SANS[@]}"
    make_etcd_certificate peer serverAuth,clientAuth "${ETCD_PEER_SANS[@]}"
    make_etcd_certificate healthcheck-client clientAuth
    printf '%s\n' "$wanted" | write_file "$stamp" 0600
}

# make_etcd_certificate NAME USAGES SAN…: uses the names and addresses that kubeadm gives to its own members, and the SANs.
make_etcd_certificate() {
    local name=$1 usages=$2 file=$ETCD_PKI/$1 key
    case $ETCD_KEY_ALGORITHM in
        ECDSA-P*) key=(-newkey ec -pkeyopt "ec_paramgen_curve:P-${ETCD_KEY_ALGORITHM#ECDSA-P}") ;;
        RSA-*) key=(-newkey "rsa:${ETCD_KEY_ALGORITHM#RSA-}") ;;
        *) die "the key algorithm $ETCD_KEY_ALGORITHM is unknown" ;;
    esac
    quietly openssl req -new "${key[@]}" -nodes -subj "/CN=$ETCD_NAME" \
        -keyout "$file.key.new" -out "$file.csr"
    quietly openssl x509 -req -in "$file.csr" -out "$file.crt.new" -days "$ETCD_CERTIFICATE_DAYS" -sha256 -CA "$ETCD_PKI/ca.crt" \
        -CAkey <(printf '%s\n' "$PKI_ETCD_CA_KEY") -set_serial "0x$(openssl rand -hex 16)" -extfile <(
            printf '%s\n' "keyUsage=critical,digitalSignature" "basicConstraints=critical,CA:FALSE" \
                "extendedKeyUsage=$usages" "subjectAltName=DNS:$ETCD_NAME,DNS:localhost,IP:$ETCD_ADDRESS,IP:127.0.0.1,IP:::1$(more_sans "${@:3}")"
        )
    chmod 0644 "$file.crt.new"
    if [[ $ETCD_RUNTIME == systemd ]]; then
        chown etcd:etcd "$file.key.new"
    fi
    mv -f "$file.key.new" "$file.key"
    mv -f "$file.crt.new" "$file.crt"
    rm -f "$file.csr"
}

# more_sans SAN…: prints them as openssl writes them, each after a comma.
more_sans() {
    local san
    for san in "$@"; do
        if is_address "$san"; then printf ',IP:%s' "$san"; else printf ',DNS:%s' "$san"; fi
    done
}

# Writes etcd's CA and kube-apiserver's client certificate for it. For kubeadm's own member kubeadm makes that certificate, so it gets
# the CA's key instead.
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

# Restarts kube-apiserver after a change of etcd's CA: it reloads certificate and key per connection, but reads the CA only when it
# starts.
reload_etcd_ca() {
    # Where no kube-apiserver runs, the next one reads the new CA.
    if restart_if_older "$PKI/etcd/ca.crt" kube-apiserver; then
        wait_for 120 "kube-apiserver's /readyz to succeed" apiserver_is_ready
    fi
}
