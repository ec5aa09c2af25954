# shellcheck shell=bash
# Preflight checks beyond the host: the cluster that it is already part of, and an existing etcd or load balancer.

# A live host that was renamed would join again under its new name, and then be released under its old one.
check_identity() {
    local sentence
    sentence=$(identity_fault)
    if [[ -n $sentence ]]; then
        fault "$sentence"
    fi
}

# New nodes would get other keys than the live ones have: etcd's members would refuse them, or their kube-apiserver would refuse the
# tokens that the live ones sign.
check_keys() {
    local name digest
    while read -r name digest; do
        check_key "$PKI/$name" "$digest"
        if [[ $name == etcd/ca.crt ]]; then check_key "$ETCD_PKI/ca.crt" "$digest"; fi
    done < <(lines "${KEY_DIGESTS[@]}")
}

check_key() {
    local found
    [[ -s $1 ]] || return 0
    found=$(sha256sum <"$1")
    [[ ${found:0:16} == "$2" ]] ||
        fault "$1: got the digest ${found:0:16}, expected $2: this live host has another key than the program" \
            -- "run the program with the stack's own state; if that is lost: docs/runbooks.md, 'The state is lost'"
}

# With another topology or data directory etcd would start empty, and the cluster would lose its state.
check_etcd_layout() {
    local layout=$STATE/etcd-layout
    [[ -n $ETCD_LAYOUT && -e $layout ]] || return 0
    [[ $(<"$layout") == "$ETCD_LAYOUT" ]] ||
        fault "etcd: got '$ETCD_LAYOUT', expected '$(<"$layout")' as on this live host, because etcd data is not moved"
}

# Services and pods keep the addresses and names that they have, and kube-apiserver refuses a Service outside its range.
check_network() {
    local network=$STATE/network
    [[ -n $NETWORK && -e $network ]] || return 0
    [[ $(<"$network") == "$NETWORK" ]] ||
        fault "network: got '$NETWORK', expected '$(<"$network")' as on this live control plane node: the ranges and the domain" \
            "of a live cluster cannot be changed" -- "build a new cluster"
}

# Every kubelet, kubeconfig and certificate of a live cluster contains its endpoint, so it cannot change.
check_endpoint() {
    local endpoint placement
    [[ -n $ENDPOINT ]] || return 0
    endpoint=$(desired_value CONTROL_PLANE_ENDPOINT) placement=$(desired_value ENDPOINT_PLACEMENT)
    [[ -n $placement ]] || return 0
    [[ "$endpoint $placement" == "$ENDPOINT $ENDPOINT_PLACEMENT" ]] ||
        fault "loadBalancer: got $ENDPOINT ($ENDPOINT_PLACEMENT), expected $endpoint ($placement), which the live cluster's" \
            "nodes call: endpoint and placement cannot be changed (docs/architecture.md, 'The endpoint')"
}

# An earlier minor version may not be able to read what kube-apiserver wrote to etcd, and kubeadm and kubelets support a skew of one
# minor version (kubernetes.io, "Version Skew Policy"). An earlier patch version is allowed.
check_version() {
    local image=$MANIFESTS/kube-apiserver.yaml version minor wanted
    [[ -n $KUBERNETES_VERSION && -r $image ]] || return 0
    version=$(sed -nE 's|^ *image: .*/kube-apiserver:v([0-9.]+).*|\1|p' "$image")
    [[ -n $version ]] || return 0
    IFS=. read -r _ minor _ <<<"$version"
    IFS=. read -r _ wanted _ <<<"$KUBERNETES_VERSION"
    ((wanted == minor || wanted == minor + 1)) ||
        fault "kubernetesVersion: got '$KUBERNETES_VERSION', expected 1.$minor.x or 1.$((minor + 1)).x, since this live control" \
            "plane node runs $version" -- "upgrade one minor version at a time; a downgrade of a minor version is not supported"
}

check_etcd_endpoints() {
    local url
    for url in "${MUST_REACH[@]}"; do
        url_answers "$url" "${ALIAS_OPTIONS[@]}" || fault "etcd.endpoints: $url does not answer this host, expected an etcd there"
    done
}

check_endpoint_name() {
    local host
    is_node && [[ -n $ENDPOINT ]] || return 0
    host=$(endpoint_host)
    getent ahosts "$host" >/dev/null ||
        fault "controlPlaneEndpoint: $host does not resolve on this host, expected a name that every node knows" \
            -- "add it to the name server of the hosts, or to hostSetup.all.hostAliases"
}

# Prints the host of the endpoint, or the address that the configuration gives its name.
endpoint_host() {
    local host=${ENDPOINT%:*}
    host=${host#[}
    alias_address "${host%]}"
}

# A refused connection passes: no apiserver runs behind the load balancer yet.
check_external_balancer() {
    [[ $ENDPOINT_PLACEMENT == external ]] || return 0
    local host port=${ENDPOINT##*:} why
    host=$(endpoint_host)
    # A name that does not resolve is a fault of another check.
    getent ahosts "$host" >/dev/null || return 0
    why=$(connection_fault "$host" "$port" 5)
    case $why in
        "") ;;
        "did not answer"*)
            fault "controlPlaneEndpoint: $ENDPOINT $why, expected a connection or a refusal" -- "check the route and the firewalls on it"
            ;;
        *) fault "controlPlaneEndpoint: $ENDPOINT: $why, expected a connection or a refusal" ;;
    esac
}
