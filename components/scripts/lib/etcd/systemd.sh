# shellcheck shell=bash
# An etcd member under systemd: a unit and a user of ours, and etcd's programs from an archive or a package.

install_etcd() {
    # Remembers before any package is installed that the user does not exist, so that a release deletes it.
    getent passwd etcd >/dev/null || write_file "$STATE/etcd-user" 0600 </dev/null
    install_packages curl jq openssl
    if [[ -n $ETCD_PACKAGE ]]; then install_packaged_etcd; else install_archived_etcd; fi
    getent passwd etcd >/dev/null || useradd --system --home-dir "$ETCD_DEFAULT_DATA" --shell /usr/sbin/nologin etcd
}

# Debian's package enables a single member of its own, which is stopped before ours is configured.
install_packaged_etcd() {
    install_packages "$ETCD_PACKAGE"
    if [[ ! -e $UNITS/etcd.service ]]; then
        systemctl disable --now --quiet etcd 2>/dev/null || true
    fi
}

install_archived_etcd() {
    local sum url folder=$STATE/etcd-archive
    sum=$(checksum_here "${ETCD_SHA256[@]}")
    url=${ETCD_ARCHIVE//'{arch}'/$(architecture)}
    [[ -n $sum ]] || die "sources.etcd.sha256: nothing for $(architecture), expected the checksum of $url"
    [[ ! -e $ETCD_PROGRAMS/$sum ]] || return 0
    rm -rf "$folder"
    install -d -m 0700 "$folder"
    fetch_verified "$url" "$sum" "$folder/archive"
    (umask 022 && tar --extract --gzip --no-same-owner --file "$folder/archive" --directory "$folder" --strip-components 1)
    install -d -m 0755 "$ETCD_PROGRAMS"
    # While no sum is there, an interrupted run has to begin again.
    rm -rf "$ETCD_PROGRAMS"/????????????????????????????????????????????????????????????????
    # `install` replaces the file of a running program instead of writing to it.
    install -m 0755 "$folder"/etcd "$folder"/etcdctl "$folder"/etcdutl "$ETCD_PROGRAMS"
    sync "$ETCD_PROGRAMS"/*
    rm -rf "$folder"
    write_file "$ETCD_PROGRAMS/$sum" 0644 <<<"$url"
}

start_member_systemd() {
    write_etcd_unit
    systemctl enable --quiet etcd
    systemctl restart --no-block etcd
}

restart_member_systemd() {
    write_etcd_unit
    systemctl restart etcd
}

write_etcd_unit() {
    local program=$ETCD_PROGRAMS/etcd
    if [[ -n $ETCD_PACKAGE ]]; then
        program=/usr/bin/etcd
    fi
    write_file "$UNITS/etcd.service" 0644 <<UNIT
[Unit]
Description=etcd
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=etcd
ExecStart=$program --config-file $ETCD_FOLDER/etcd.yaml
Restart=on-failure
RestartSec=1
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload
}

# Packages first: they may remove the user themselves.
etcd_user_remove() {
    if [[ -e $STATE/etcd-user ]]; then userdel etcd 2>/dev/null || true; fi
}
