# shellcheck shell=bash
# An etcd member under systemd: the package's binary, and a unit, a user and a configuration of ours.

readonly ETCD_FOLDER=/etc/etcd ETCD_DATA=/var/lib/etcd/member-data

prepare_etcd() {
    install_packages "$ETCD_PACKAGE" curl jq
    # Debian's package starts a member of its own, alone; it goes before ours is configured.
    systemctl disable --now --quiet etcd 2>/dev/null || true
    getent passwd etcd >/dev/null || useradd --system --home-dir /var/lib/etcd --shell /usr/sbin/nologin etcd
}

bootstrap_etcd() {
    use_systemd_certificates
    write_etcd_pki
    etcd_decide "$ETCD_DATA"
    log "etcd member: $ETCD_STATE"
    write_etcd_unit
    systemctl enable --quiet etcd
    systemctl restart --no-block etcd
    etcd_promote
    wait_for 120 "this etcd member" etcd_is_healthy
}

rollout_etcd() {
    use_systemd_certificates
    if rollout_is_due; then
        log "applying what changed"
        ETCD_STATE=kept
        write_etcd_unit
        move_etcd_leadership
        systemctl restart etcd
        mark_applied
    fi
    wait_for 120 "this etcd member" etcd_is_healthy
}

use_systemd_certificates() {
    ETCD_CA=$ETCD_FOLDER/ca.crt ETCD_CERT=$ETCD_FOLDER/member.crt ETCD_KEY=$ETCD_FOLDER/member.key
}

write_etcd_pki() {
    install -d -m 0755 "$ETCD_FOLDER"
    write_file "$ETCD_FOLDER/ca.crt" 0644 <<<"$PKI_CA_CERT" || true
    write_file "$ETCD_FOLDER/member.crt" 0644 <<<"$PKI_CERT" || true
    write_secret "$ETCD_FOLDER/member.key" "$PKI_KEY"
    chown etcd:etcd "$ETCD_FOLDER/member.key"
    install -d -m 0700 -o etcd -g etcd /var/lib/etcd "$ETCD_DATA"
}

write_etcd_unit() {
    {
        printf '%s\n' "$ETCD_CONFIG"
        [[ $ETCD_STATE == kept ]] ||
            printf 'initial-cluster: %s\ninitial-cluster-state: %s\n' "$ETCD_INITIAL_CLUSTER" "$ETCD_STATE"
    } | write_file "$ETCD_FOLDER/etcd.yaml" 0644 || true
    write_file /etc/systemd/system/etcd.service 0644 <<'UNIT' || true
[Unit]
Description=etcd
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=etcd
ExecStart=/usr/bin/etcd --config-file /etc/etcd/etcd.yaml
Restart=on-failure
RestartSec=1
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload
}
