# shellcheck shell=bash
# Load balancers for kube-apiserver. LOAD_BALANCER names the parts that run on this host. Each part has a file in this folder with
# PART_apply and PART_remove; a service of the host has PART_packages too. A part that LOAD_BALANCER does not name is removed.

runs_balancer() { contains "$1" "${LOAD_BALANCER[@]}"; }

load_balancer_packages() {
    local part
    for part in $BALANCER_SERVICES; do
        if runs_balancer "$part"; then dispatch BALANCER_SERVICES "$part" @_packages; fi
    done
}

# Installs packages first, so that a change from one program to another interrupts service only while the new one starts. Removes
# parts before it starts others, because two that hold the same address would take it from each other.
configure_load_balancer() {
    local packages part
    mapfile -t packages < <(load_balancer_packages)
    install_packages "${packages[@]}"
    for part in $BALANCER_SERVICES; do
        if ! runs_balancer "$part"; then dispatch BALANCER_SERVICES "$part" @_remove; fi
    done
    for part in $BALANCER_PODS; do
        if ! runs_balancer "$part"; then dispatch BALANCER_PODS "$part" @_remove; fi
    done
    for part in $BALANCER_SERVICES; do
        if runs_balancer "$part"; then dispatch BALANCER_SERVICES "$part" @_apply; fi
    done
}

place_balancer_pods() {
    local part
    for part in $BALANCER_PODS; do
        if runs_balancer "$part"; then dispatch BALANCER_PODS "$part" @_apply; fi
    done
}

pull_balancer_image() {
    if [[ -n $BALANCER_IMAGE ]]; then pull_images "$BALANCER_IMAGE"; fi
}

# For a release: removes the services of every part; its pods are removed with all others (pods_remove). keepalived goes first,
# so that the address moves to another host before the proxy stops.
load_balancer_remove() {
    keepalived_remove
    haproxy_remove
    nginx_remove
    lvs_remove
    real_server_remove
}

# keepalived or kube-vip may have been killed and have left the address behind.
virtual_address_remove() {
    local link address
    while read -r _ link _ address _; do
        if [[ ${address%/*} == "${VIRTUAL_ADDRESS:-none}" ]]; then ip address delete "$address" dev "$link" || true; fi
    done < <(ip -o address show)
}

# start_or_reload UNIT: reloads it where its reload is due.
start_or_reload() {
    apply_unit "$1"
    mark_reloaded "$1"
}

apply_unit() {
    local unit=$1
    # `enable` takes 0.3 s for a unit that also has an init script.
    systemctl --quiet is-enabled "$unit" || systemctl enable --quiet "$unit"
    if ! systemctl --quiet is-active "$unit"; then
        log "starting $unit"
        systemctl restart "$unit"
    elif reload_is_due "$unit"; then
        log "reloading $unit"
        systemctl reload-or-restart "$unit"
    fi
}

# start_or_reload_proxy UNIT: for haproxy and nginx. Where one cannot use its new configuration, as when another program has its port, it goes on
# with the former one and says so in its log alone; after the next boot it would not start. One that took the configuration has new workers.
start_or_reload_proxy() {
    local unit=$1 former=
    if systemctl --quiet is-active "$unit" && reload_is_due "$unit"; then former=$(workers_of "$unit"); fi
    apply_unit "$unit"
    # From haproxy 3.1 on, the new worker itself looks whether it gets its ports, for some 2 s, and ends where it does not.
    if [[ -n $former ]] && { ! holds_within 10 has_new_workers "$unit" "$former" || ! { sleep 4 && has_new_workers "$unit" "$former"; }; }; then
        journalctl --unit "$unit" --lines 10 --output cat --no-pager >&2 || true
        die "$unit did not take its new configuration and goes on with the former one; its log above has the reason, such as a port in use"
    fi
    mark_reloaded "$unit"
}

# Prints the process ids of the workers, if any.
workers_of() {
    local main
    main=$(systemctl show --property MainPID --value "$1")
    [[ $main != 0 ]] || return 0
    { pgrep --parent "$main" || true; } | sort
}

has_new_workers() { [[ -n $(comm -13 <(echo "$2") <(workers_of "$1")) ]]; }

# claim_service UNIT CONFIGURATION: marks a service as ours, because an administrator may use one of that name for something else.
claim_service() {
    if [[ -e $STATE/runs-$1 ]]; then return; fi
    keep_former "$1" "$2" "$1"
    touch "$STATE/runs-$1"
}

# release_service UNIT CONFIGURATION FILE…: stops a service of ours, removes its files, and puts its former configuration back. `release`
# removes the package.
release_service() {
    local unit=$1 configuration=$2
    shift
    [[ -e $STATE/runs-$unit ]] || return 0
    # A run that was killed may have put the former configuration back.
    if [[ ! -e $STATE/restored-$unit ]]; then
        log "stopping $unit, which the load balancer of this host no longer uses"
        systemctl disable --now --quiet "$unit" 2>/dev/null || true
        rm -f "$@"
        restore_former "$unit" "$configuration" "$unit"
    fi
    rm -f "$STATE/runs-$unit" "$STATE/restored-$unit"
    mark_reloaded "$unit"
}

interface_of() { ip -o address show | awk -v address="$1" '{split($4, a, "/"); if (a[1] == address && !found++) print $2}'; }

# Prints the interface that carries this host's address.
own_interface() {
    local interface
    interface=$(interface_of "$NODE_ADDRESS")
    [[ -n $interface ]] || die "no interface carries $NODE_ADDRESS"
    printf '%s\n' "$interface"
}
