# shellcheck shell=bash
# The certificates whose names the program may change. kubeadm keeps a certificate that exists, and refuses one that lacks a name.

# kubeadm's phases for these certificates, and the file of each below $PKI.
declare -gAr NAMED_CERTIFICATES=(["apiserver"]=apiserver ["etcd-server"]=etcd/server ["etcd-peer"]=etcd/peer)

readonly NEW_PKI=$KUBERNETES_FOLDER/new-pki

# Prints the phases for the certificates of this node.
named_certificates() {
    echo apiserver
    if [[ $ETCD_RUNTIME == kubeadm ]]; then lines etcd-server etcd-peer; fi
}

# names_of PHASE: prints the names that the program chooses.
names_of() {
    case $1 in
        apiserver) echo "${CERT_SANS[*]}" ;;
        etcd-server) echo "${ETCD_SERVER_SANS[*]}" ;;
        etcd-peer) echo "${ETCD_PEER_SANS[*]}" ;;
    esac
}

# names_mark PHASE: the mark of the names that the certificate was made for. openssl tells of a name that is missing, not of one that
# should go.
names_mark() { if [[ $1 == apiserver ]]; then echo cert-sans; else echo "cert-sans-$1"; fi; }

mark_names() { mark "$(names_mark "$1")" "$(names_of "$1")"; }

# names_are_current PHASE. A member's certificate without a mark is of a time when the program chose no names for it.
names_are_current() {
    local mark name
    mark=$(names_mark "$1")
    if [[ $1 != apiserver && ! -e $STATE/$mark ]]; then
        [[ -z $(names_of "$1") ]]
        return
    fi
    mark_is "$mark" "$(names_of "$1")" || return
    for name in $(names_of "$1"); do certificate_has_name "$PKI/${NAMED_CERTIFICATES[$1]}.crt" "$name" || return; done
}

# Asks openssl for each name, because it prints IPv6 addresses in a spelling of its own.
certificate_has_name() {
    local check=-checkhost
    if is_address "$2"; then
        check=-checkip
    fi
    openssl x509 -in "$1" -noout "$check" "$2" | grep 'does match' >/dev/null
}

# Before the first certificates of this host: those of an interrupted attempt may have other names.
prepare_named_certificates() {
    local phase
    for phase in $(named_certificates); do
        if ! mark_is "$(names_mark "$phase")" "$(names_of "$phase")"; then
            rm -f "$PKI/${NAMED_CERTIFICATES[$phase]}".{crt,key}
            mark_names "$phase"
        fi
    done
}

# The new certificates of a live node, and those that are missing.
make_serving_certificates() {
    local phase
    rm -rf "$NEW_PKI"
    for phase in $(named_certificates); do
        if ! names_are_current "$phase"; then replace_certificate "$phase"; fi
    done
    kubeadm_init_phase certs all
}

# replace_certificate PHASE: kubeadm makes the certificate in a folder of its own, because etcd reads its files for every connection. The
# mark `/`, which is no name, tells an interrupted replacement from a finished one.
replace_certificate() {
    local file=${NAMED_CERTIFICATES[$1]} made=$NEW_PKI
    log "making the certificate of $1 with its new names"
    install -d -m 0700 "$made" "$made/etcd"
    cp -p "$PKI"/ca.{crt,key} "$made"
    if [[ $1 != apiserver ]]; then cp -p "$PKI"/etcd/ca.{crt,key} "$made/etcd"; fi
    mark "$(names_mark "$1")" /
    sed "s|^kind: ClusterConfiguration$|&\ncertificatesDir: $made|" "$KUBEADM_CONFIG_FILE" | write_file "$made/kubeadm.yaml" 0600
    quietly kubeadm init phase certs "$1" --config "$made/kubeadm.yaml"
    mv -f "$made/$file.key" "$PKI/$file.key"
    mv -f "$made/$file.crt" "$PKI/$file.crt"
    rm -rf "$made"
    mark_names "$1"
}
