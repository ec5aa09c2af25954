# shellcheck shell=bash
# Small services of ours that watch kube-apiserver: each is a script in services/ with a file of settings, both copied to the
# state folder.

readonly WATCHERS="nginx-health kube-vip-guard"

# stage_watcher NAME: takes its settings from standard input.
stage_watcher() {
    local name=$1 mark
    mark=$(reload_mark "$(watcher_unit "$name")")
    write_file "$STATE/$name.conf" 0644 "$mark"
    write_file "$STATE/$name.sh" 0755 "$mark" <"$HERE/services/$name.sh"
}

watcher_unit() { printf 'pulumi-kubeadm-%s' "$1"; }

# start_watcher NAME DESCRIPTION
start_watcher() {
    local name=$1 description=$2 unit
    unit=$(watcher_unit "$name")
    write_file "$UNITS/$unit.service" 0644 "$(reload_mark systemd)" <<<"$(watcher_unit_file "$name" "$description")"
    reload_systemd_if_due
    start_or_reload "$unit"
}

watcher_unit_file() {
    cat <<UNIT
[Unit]
Description=$2

[Service]
ExecStart=/bin/bash $STATE/$1.sh $STATE/$1.conf
Restart=always
RestartSec=1
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
UNIT
}

remove_watcher() {
    local name=$1 unit
    unit=$(watcher_unit "$name")
    [[ -e $UNITS/$unit.service ]] || return 0
    systemctl disable --now --quiet "$unit" || true
    rm -f "$UNITS/$unit.service" "$STATE/$name".{sh,conf}
    mark_reloaded "$unit"
    systemctl daemon-reload
}

watchers_remove() {
    local name
    for name in $WATCHERS; do remove_watcher "$name"; done
}
