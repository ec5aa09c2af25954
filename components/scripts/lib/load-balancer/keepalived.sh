# shellcheck shell=bash
# keepalived decides which of the balancer's hosts holds the virtual address.

readonly KEEPALIVED_FILE=/etc/keepalived/keepalived.conf

keepalived_packages() { printf '%s\n' keepalived curl; }

keepalived_apply() {
    local interface config
    claim_service keepalived "$KEEPALIVED_FILE"
    interface=$(own_interface)
    config=${KEEPALIVED_CONFIG//@INTERFACE@/"$interface"}
    config=${config//@VRRP_PASSWORD@/"$VRRP_PASSWORD"}
    write_file "$KEEPALIVED_FILE" 0600 "$(reload_mark keepalived)" <<<"$config"
    start_or_reload keepalived
}

keepalived_remove() { release_service keepalived "$KEEPALIVED_FILE"; }
