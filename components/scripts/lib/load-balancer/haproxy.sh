# shellcheck shell=bash
# haproxy as the distribution packages it. A changed backend list reloads it, which cuts no connection.

readonly HAPROXY_FILE=/etc/haproxy/haproxy.cfg

haproxy_packages() { printf '%s\n' haproxy curl; }

haproxy_apply() {
    local config
    claim_service haproxy "$HAPROXY_FILE"
    config=$(haproxy_config)
    write_secret "$STATE/haproxy.cfg" "$config"
    haproxy -c -q -f "$STATE/haproxy.cfg" >&2 || die "haproxy refuses its configuration"
    # It may hold the password of the statistics page. haproxy reads it as root, before it changes to its own user.
    write_file "$HAPROXY_FILE" 0600 "$(reload_mark haproxy)" <<<"$config"
    start_or_reload_proxy haproxy
}

# Within single quotes haproxy interprets nothing but the quote itself.
haproxy_config() {
    local password=$STATS_PASSWORD quote="'\\''"
    password="'${password//\'/"$quote"}'"
    printf '%s' "${HAPROXY_CONFIG//@STATS_PASSWORD@/"$password"}"
}

haproxy_remove() {
    release_service haproxy "$HAPROXY_FILE" "$STATE/haproxy.cfg"
}
