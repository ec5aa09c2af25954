# shellcheck shell=bash
# Calls etcd through its own JSON gateway, so no etcdctl is needed.

etcd_url() {
    local address=$1 port=$2
    if [[ $address == *:* ]]; then
        address="[$address]"
    fi
    printf 'https://%s:%s' "$address" "$port"
}

# Prints the URLs to call: the other members first, because this one may be new, stopped or faulty.
etcd_urls() {
    local peer
    if [[ $ETCD_RUNTIME == none ]]; then
        lines "${ETCD_ENDPOINTS[@]}"
        return
    fi
    for peer in "${ETCD_PEERS[@]}"; do printf '%s\n' "$(etcd_url "${peer#*=}" "$ETCD_CLIENT_PORT")"; done
    printf '%s\n' "$(etcd_url "$ETCD_ADDRESS" "$ETCD_CLIENT_PORT")"
}

# Prints the CA file, and the path without extension of the client certificate and key.
etcd_credentials() {
    case $ETCD_RUNTIME in
        kubeadm) printf '%s\n' "$PKI/etcd/ca.crt" "$PKI/etcd/healthcheck-client" ;;
        none) printf '%s\n' "$PKI/etcd/ca.crt" "$PKI/apiserver-etcd-client" ;;
        *) printf '%s\n' "$ETCD_PKI/ca.crt" "$ETCD_PKI/healthcheck-client" ;;
    esac
}

etcd_call() { etcd_curl "$1/v3/$2" --data "$3"; }

# etcd_curl URL OPTIONS…
etcd_curl() {
    local files
    mapfile -t files < <(etcd_credentials)
    curl --silent --fail --max-time 5 --connect-timeout 2 --cacert "${files[0]}" --cert "${files[1]}.crt" \
        --key "${files[1]}.key" "${@:2}" "$1"
}

# etcd_call_any PATH BODY: calls one member after the other until one succeeds.
etcd_call_any() {
    local url
    for url in $(etcd_urls); do
        etcd_call "$url" "$1" "$2" && return
    done
    return 1
}

# Prints the members as a quorum knows them; fails without a quorum. A linearizable read proves the quorum: a member that lost its
# leader does not answer it.
etcd_members() { etcd_call_any cluster/member/list '{"linearizable":true}'; }

etcd_peer_url() { etcd_url "$ETCD_ADDRESS" "$ETCD_PEER_PORT"; }

# etcd_own_entry MEMBERS FIELD: prints a field of the entry with this member's peer URL; empty when there is none.
etcd_own_entry() {
    jq -r --arg url "$(etcd_peer_url)" --arg field "$2" \
        '.members[] | select(.peerURLs | index($url)) | .[$field] // "" | tostring' <<<"$1"
}

# etcd_wait_text WHO: prints what a wait for a healthy etcd waits for. A cluster forms once a majority of its founding members runs.
etcd_wait_text() {
    if [[ ${ETCD_STATE:-} == new ]] && ((${#ETCD_PEERS[@]} > 0)); then
        printf '%s to be healthy, for which a majority of %s must start at the same time (so not with a smaller pulumi up --parallel)' \
            "$1" "$(founder_names)"
    else
        printf '%s to be healthy' "$1"
    fi
}

founder_names() {
    local founder names=""
    for founder in "${FOUNDERS[@]}"; do names+="${names:+, }${founder%%=*}"; done
    printf '%s' "$names"
}

# Asks the member on this host; where none runs here, any member.
etcd_is_healthy() {
    if [[ $ETCD_RUNTIME == none ]]; then
        etcd_members
        return
    fi
    etcd_call_local cluster/member/list '{"linearizable":true}' && return
    echo "the member at $ETCD_ADDRESS does not answer, or has no quorum; its log: $(etcd_log_command)"
    return 1
}

etcd_log_command() {
    if [[ $ETCD_RUNTIME == systemd ]]; then echo "journalctl --unit etcd"; else echo "/var/log/pods/kube-system_etcd-*"; fi
}

etcd_call_local() { etcd_call "$(etcd_url "$ETCD_ADDRESS" "$ETCD_CLIENT_PORT")" "$1" "$2"; }
