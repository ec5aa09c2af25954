# shellcheck shell=bash
# haproxy as the distribution packages it. A changed backend list is a reload: no connection is cut.

readonly HAPROXY_FILE=/etc/haproxy/haproxy.cfg

haproxy_packages() { printf '%s\n' haproxy curl; }

haproxy_apply() {
    local changed=1 config
    take_service haproxy
    config=$(haproxy_config)
    write_secret "$STATE/haproxy.cfg" "$config"
    haproxy -c -q -f "$STATE/haproxy.cfg" >&2 || die "haproxy refuses its configuration"
    # It may hold the password of the page of figures; haproxy reads it as root, before it becomes its own user.
    write_file "$HAPROXY_FILE" 0600 <<<"$config" && changed=0
    start_or_reload haproxy "$changed"
}

# In single quotes nothing is special to haproxy but the quote itself.
haproxy_config() {
    local password="${STATS_PASSWORD:-}" quote="'\\''"
    password="'${password//\'/"$quote"}'"
    printf '%s' "${HAPROXY_CONFIG//@STATS_PASSWORD@/"$password"}"
}

haproxy_remove() {
    leave_service haproxy "$HAPROXY_FILE" "$STATE/haproxy.cfg"
}
