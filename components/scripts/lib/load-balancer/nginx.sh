# shellcheck shell=bash
# nginx's stream module as the distribution packages it. A service of ours (services/nginx-health.sh) decides which backends
# nginx may use, because nginx without a licence has no active health checks.

readonly NGINX_FOLDER=/etc/nginx

nginx_packages() { printf '%s\n' nginx libnginx-mod-stream curl; }

nginx_apply() {
    claim_service nginx "$NGINX_FOLDER/nginx.conf"
    stage_health_service service "$NGINX_FOLDER"
    test_nginx_config
    write_file "$NGINX_FOLDER/nginx.conf" 0644 "$(reload_mark nginx)" <<<"$NGINX_CONFIG"
    start_or_reload_proxy nginx
    start_health_service
}

# Tests the new configuration in nginx's own folder, from which it includes the list of backends. A refused configuration
# never replaces a working one.
test_nginx_config() {
    local accepted=true candidate=$NGINX_FOLDER/nginx.conf.new
    write_file "$candidate" 0644 <<<"$NGINX_CONFIG"
    nginx -t -q -c "$candidate" >&2 || accepted=false
    rm -f "$candidate"
    [[ $accepted == true ]] || die "nginx refuses its configuration"
}

nginx_remove() {
    runs_balancer node-local || remove_watcher nginx-health
    release_service nginx "$NGINX_FOLDER/nginx.conf" "$NGINX_FOLDER"/{nginx.conf.new,backends.conf}
}

# stage_health_service KIND FOLDER: writes the settings of the health service and the first list of backends, without which
# nginx does not start. KIND says how nginx runs and is reloaded: as a `service` or in a `pod`.
stage_health_service() {
    local kind=$1 folder=$2
    stage_watcher nginx-health <<<"$(health_service_settings "$kind" "$folder")"
    if [[ ! -d $folder ]]; then install -d -m 0755 "$folder"; fi
    if [[ ! -e $folder/backends.conf ]]; then bash "$STATE/nginx-health.sh" "$STATE/nginx-health.conf" first; fi
}

health_service_settings() {
    cat <<CONF
FILE=$2/backends.conf
KIND=$1
BACKENDS=${NGINX_BACKENDS[*]}
INTERVAL=$NGINX_CHECK_INTERVAL
TIMEOUT=$NGINX_CHECK_TIMEOUT
RISE=$NGINX_CHECK_RISE
FALL=$NGINX_CHECK_FALL
CONF
}

start_health_service() {
    start_watcher nginx-health "Lists the kube-apiservers that answer /readyz as nginx's backends"
}
