# shellcheck shell=bash
# nginx's stream module as the distribution packages it. Which backends it may use is decided by a service of ours
# (services/nginx-health.sh), as nginx without a licence asks nobody for /readyz.

readonly NGINX_FOLDER=/etc/nginx

nginx_packages() { printf '%s\n' nginx libnginx-mod-stream curl; }

nginx_apply() {
    local changed=1
    take_service nginx
    stage_health_service service "$NGINX_FOLDER"
    test_nginx_config
    write_file "$NGINX_FOLDER/nginx.conf" 0644 <<<"$NGINX_CONFIG" && changed=0
    start_or_reload nginx "$changed"
    start_health_service
}

# In its folder, since it includes the list of backends from there; a refused one never takes the place of one that works.
test_nginx_config() {
    local refused=0 candidate=$NGINX_FOLDER/nginx.conf.new
    write_file "$candidate" 0644 <<<"$NGINX_CONFIG" || true
    nginx -t -q -c "$candidate" >&2 || refused=1
    rm -f "$candidate"
    ((refused == 0)) || die "nginx refuses its configuration"
}

nginx_remove() {
    has_part node-local || remove_watcher nginx-health
    leave_service nginx "$NGINX_FOLDER/backends.conf" "$NGINX_FOLDER"/nginx.conf{,.new}
}

# stage_health_service KIND FOLDER: what the service works from, and the first list, without which nginx does not start.
# KIND is how nginx runs, and is reloaded: as a `service` or in a `pod`.
stage_health_service() {
    local kind=$1 folder=$2
    HEALTH_CHANGED=1
    stage_watcher nginx-health <<CONF && HEALTH_CHANGED=0
FILE=$folder/backends.conf
KIND=$kind
BACKENDS=$NGINX_BACKENDS
INTERVAL=$NGINX_CHECK_INTERVAL
TIMEOUT=$NGINX_CHECK_TIMEOUT
RISE=$NGINX_CHECK_RISE
FALL=$NGINX_CHECK_FALL
CONF
    [[ -d $folder ]] || install -d -m 0755 "$folder"
    [[ -e $folder/backends.conf ]] || bash "$STATE/nginx-health.sh" "$STATE/nginx-health.conf" first
}

start_health_service() {
    start_watcher nginx-health "Lists the kube-apiservers that answer /readyz as nginx's backends" "$HEALTH_CHANGED"
}
