# shellcheck shell=bash
# keepalived: which of the balancer's hosts holds the virtual address.

readonly KEEPALIVED_FILE=/etc/keepalived/keepalived.conf

keepalived_packages() { printf '%s\n' keepalived curl; }

keepalived_apply() {
    local changed=1 interface config
    take_service keepalived
    interface=$(own_interface)
    config=${KEEPALIVED_CONFIG//@INTERFACE@/"$interface"}
    config=${config//@VRRP_PASSWORD@/"${VRRP_PASSWORD:-}"}
    write_file "$KEEPALIVED_FILE" 0600 <<<"$config" && changed=0
    start_or_reload keepalived "$changed"
}

keepalived_remove() { leave_service keepalived "$KEEPALIVED_FILE"; }
