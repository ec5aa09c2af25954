# shellcheck shell=bash
# nginx's stream module as the distribution packages it. Which backends it may use is decided by a service of ours
# (nginx-health.sh), as nginx without a licence asks nobody for /readyz.

readonly NGINX_FOLDER=/etc/nginx

nginx_packages() { printf '%s\n' nginx libnginx-mod-stream curl; }

nginx_apply() {
    local changed=1
    take_service nginx
    write_file "$NGINX_FOLDER/nginx.conf" 0644 <<<"$NGINX_CONFIG" && changed=0
    stage_health_service service "$NGINX_FOLDER"
    nginx -t -q >&2 || die "nginx refuses its configuration"
    start_or_reload nginx "$changed"
    start_health_service
}

nginx_remove() {
    has_part node-local || remove_watcher nginx-health
    leave_service nginx "$NGINX_FOLDER/backends.conf" "$NGINX_FOLDER/nginx.conf"
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
    [[ -e $folder/backends.conf ]] || bash "$STATE/nginx-health.sh" "$STATE/nginx-health.conf" first
}

start_health_service() {
    start_watcher nginx-health "Lists the kube-apiservers that answer /readyz as nginx's backends" "$HEALTH_CHANGED"
}
