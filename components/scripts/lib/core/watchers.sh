# shellcheck shell=bash
# Small services of ours that watch kube-apiserver: each is a script in services/ with a file of settings, both copied to the
# state folder.

readonly WATCHERS="nginx-health kube-vip-guard"

# stage_watcher_if_changed NAME: takes its settings from standard input. True when the script or its settings changed.
stage_watcher_if_changed() {
    local name=$1 changed=false
    if write_if_changed "$STATE/$name.conf" 0644; then changed=true; fi
    if write_if_changed "$STATE/$name.sh" 0755 <"$HERE/services/$name.sh"; then changed=true; fi
    [[ $changed == true ]]
}

watcher_unit() { printf 'pulumi-kubeadm-%s' "$1"; }

# start_watcher NAME DESCRIPTION CHANGED: CHANGED is true when stage_watcher_if_changed was.
start_watcher() {
    local name=$1 description=$2 changed=$3 unit
    unit=$(watcher_unit "$name")
    if write_if_changed "$UNITS/$unit.service" 0644 <<<"$(watcher_unit_file "$name" "$description")"; then
        systemctl daemon-reload
    fi
    start_or_reload "$unit" "$changed"
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
    systemctl daemon-reload
}

watchers_remove() {
    local name
    for name in $WATCHERS; do remove_watcher "$name"; done
}
