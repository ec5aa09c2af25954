# shellcheck shell=bash
# The host of a kube-apiserver behind LVS, a "real server" in LVS's words. It gets packets for the virtual address, which a host of the
# load balancer has passed on, and answers their clients directly. So it holds the address too, on the loopback interface, and
# never announces it: to everybody else the address belongs to the load balancer's host.

readonly REAL_SERVER=pulumi-kubeadm-real-server
readonly REAL_SERVER_UNIT=$UNITS/$REAL_SERVER.service

real_server_packages() { :; }

real_server_apply() {
    local unit
    unit=$(real_server_unit)
    # Before its file has another address: a unit removes the address that its file has.
    if [[ -e $REAL_SERVER_UNIT && $(<"$REAL_SERVER_UNIT") != "$unit" ]]; then systemctl stop "$REAL_SERVER"; fi
    write_file "$REAL_SERVER_UNIT" 0644 "$(reload_mark systemd)" <<<"$unit"
    reload_systemd_if_due
    systemctl --quiet is-enabled "$REAL_SERVER" || systemctl enable --quiet "$REAL_SERVER"
    if [[ $(interface_of "$VIRTUAL_ADDRESS") != lo ]]; then
        log "holding $VIRTUAL_ADDRESS on the loopback interface, for LVS"
        systemctl restart "$REAL_SERVER"
    fi
}

# The settings come first: with them an interface answers ARP for its own addresses alone (arp_ignore), and asks with one of its own
# (arp_announce). They stay until the host restarts. IPv6 needs none: there an interface never answers for another one's address.
# The address comes before the kubelet, because a node forwards packets: without the address it would send them back to their sender.
real_server_unit() {
    local prefix=32
    if [[ $VIRTUAL_ADDRESS == *:* ]]; then prefix=128; fi
    cat <<UNIT
[Unit]
Description=Holds kube-apiserver's virtual address on the loopback interface, for LVS
After=network.target
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/sysctl --quiet --write net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
ExecStart=/sbin/ip address replace $VIRTUAL_ADDRESS/$prefix dev lo
ExecStop=-/sbin/ip address delete $VIRTUAL_ADDRESS/$prefix dev lo

[Install]
WantedBy=multi-user.target
UNIT
}

real_server_remove() {
    [[ -e $REAL_SERVER_UNIT ]] || return 0
    systemctl disable --now --quiet "$REAL_SERVER" || true
    rm -f "$REAL_SERVER_UNIT"
    systemctl daemon-reload
}
