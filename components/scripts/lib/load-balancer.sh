# shellcheck shell=bash
# haproxy and, where there is a virtual address, keepalived. A changed backend list is a reload: no connection is cut.

has_load_balancer() { [[ -n ${HAPROXY_CONFIG:-} ]]; }

load_balancer_packages() {
    has_load_balancer || return 0
    printf 'haproxy\n'
    [[ -z ${KEEPALIVED_CONFIG:-} ]] || printf 'keepalived\n'
}

configure_load_balancer() {
    has_load_balancer || return 0
    apply_haproxy
    [[ -z ${KEEPALIVED_CONFIG:-} ]] || apply_keepalived
}

apply_haproxy() {
    local changed=1
    write_file "$STATE/haproxy.cfg" 0600 <<<"$HAPROXY_CONFIG" || true
    haproxy -c -q -f "$STATE/haproxy.cfg" >&2 || die "haproxy refuses its configuration"
    write_file /etc/haproxy/haproxy.cfg 0644 <<<"$HAPROXY_CONFIG" && changed=0
    start_or_reload haproxy "$changed"
}

apply_keepalived() {
    local changed=1 interface
    interface=$(interface_of "$NODE_ADDRESS")
    [[ -n $interface ]] || die "no interface carries $NODE_ADDRESS"
    write_file /etc/keepalived/keepalived.conf 0600 <<<"${KEEPALIVED_CONFIG//@INTERFACE@/$interface}" && changed=0
    start_or_reload keepalived "$changed"
}

start_or_reload() {
    local unit=$1 changed=$2
    # `enable` takes a third of a second for a unit that has an init script too.
    systemctl --quiet is-enabled "$unit" || systemctl enable --quiet "$unit"
    if ! systemctl --quiet is-active "$unit"; then
        log "starting $unit"
        systemctl restart "$unit"
    elif ((changed == 0)); then
        log "reloading $unit"
        systemctl reload-or-restart "$unit"
    fi
}

interface_of() { ip -o address show | awk -v address="$1" '{split($4, a, "/"); if (a[1] == address) {print $2; exit}}'; }
