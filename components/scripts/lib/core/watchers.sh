# shellcheck shell=bash
# Small services of ours beside what leads to kube-apiserver: each a script of this toolkit with a file of settings, kept
# in the state's folder.

readonly WATCHERS="nginx-health kube-vip-guard"

# stage_watcher NAME: its settings on standard input. True when it, or they, changed.
stage_watcher() {
    local name=$1 changed=1
    write_file "$STATE/$name.conf" 0644 && changed=0
    write_file "$STATE/$name.sh" 0755 <"$HERE/services/$name.sh" && changed=0
    return "$changed"
}

watcher_unit() { printf 'pulumi-kubeadm-%s' "$1"; }

# start_watcher NAME DESCRIPTION CHANGED: CHANGED is 0 when `stage_watcher` said so.
start_watcher() {
    local name=$1 description=$2 changed=$3 unit
    unit=$(watcher_unit "$name")
    write_file "/etc/systemd/system/$unit.service" 0644 <<UNIT && systemctl daemon-reload
[Unit]
Description=$description

[Service]
ExecStart=/bin/bash $STATE/$name.sh $STATE/$name.conf
Restart=always
RestartSec=1
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
UNIT
    start_or_reload "$unit" "$changed"
}

remove_watcher() {
    local name=$1 unit
    unit=$(watcher_unit "$name")
    [[ -e /etc/systemd/system/$unit.service ]] || return 0
    systemctl disable --now --quiet "$unit" || true
    rm -f "/etc/systemd/system/$unit.service" "$STATE/$name".{sh,conf}
    systemctl daemon-reload
}
