# shellcheck shell=bash
# What the configuration gives a host beside Kubernetes (host/setup.ts): packages, modules and settings of the kernel, lines of
# /etc/hosts, files.

readonly SETUP_MODULES_FILE=/etc/modules-load.d/pulumi-kubeadm-setup.conf
# After the program's own settings and the administrator's; and the name that former code gave it.
readonly SETUP_SYSCTLS_FILE=/etc/sysctl.d/99-zz-pulumi-kubeadm-setup.conf FORMER_SYSCTLS_FILE=/etc/sysctl.d/91-pulumi-kubeadm-setup.conf
readonly HOSTS_FILE=/etc/hosts
# The end of each line there that is ours.
readonly ALIAS_MARK=" # pulumi-kubeadm"

# Units of the host restart at once, components of Kubernetes by restart_changed_components.
apply_setup() {
    write_host_aliases "${SETUP_ALIASES[@]}"
    write_setup_files source
    install_setup_packages
    load_setup_modules
    set_setup_sysctls
    write_setup_files other
    restart_changed_units
}

# Unlike the program's own packages, whose services wait for their configuration.
install_setup_packages() {
    if ((${#SETUP_PACKAGES[@]})); then START_SERVICES=true install_packages "${SETUP_PACKAGES[@]}"; fi
}

load_setup_modules() {
    local module
    if ((${#SETUP_MODULES[@]} == 0)); then
        rm -f "$SETUP_MODULES_FILE"
        return
    fi
    for module in "${SETUP_MODULES[@]}"; do
        # One that is built in has a folder, and no file that modprobe could find.
        modprobe "$module" || [[ -d /sys/module/${module//-/_} ]] || die "the kernel has no module $module (kernelModules); see modprobe's error above"
    done
    lines "${SETUP_MODULES[@]}" | write_file "$SETUP_MODULES_FILE" 0644
}

set_setup_sysctls() {
    rm -f "$FORMER_SYSCTLS_FILE"
    if ((${#SETUP_SYSCTLS[@]} == 0)); then
        rm -f "$SETUP_SYSCTLS_FILE"
        return
    fi
    lines "${SETUP_SYSCTLS[@]}" | write_file "$SETUP_SYSCTLS_FILE" 0644
    sysctl --quiet --load "$SETUP_SYSCTLS_FILE" >&2 || die "a setting of the kernel cannot be set (sysctls); see sysctl's error above"
}

# write_host_aliases LINE…: makes these our lines of /etc/hosts, at its end. All others stay.
write_host_aliases() {
    local new
    if (($# == 0)) && ! grep -qs "$ALIAS_MARK$" "$HOSTS_FILE"; then return; fi
    new=$(mktemp /etc/.hosts.XXXXXX)
    {
        # awk ends the last line too, where its line break is missing.
        if [[ -e $HOSTS_FILE ]]; then awk -v mark="$ALIAS_MARK$" '$0 !~ mark' "$HOSTS_FILE"; fi
        lines "${@/%/$ALIAS_MARK}"
    } >"$new"
    if ! cmp -s "$new" "$HOSTS_FILE"; then
        log "writing $HOSTS_FILE"
        chmod 0644 "$new"
        # In a container it is a mount, which cannot be replaced.
        mv -f "$new" "$HOSTS_FILE" 2>/dev/null || cat "$new" >"$HOSTS_FILE"
    fi
    rm -f "$new"
}

# mark_restarts PATH "NAME…": only what runs has read the file.
mark_restarts() {
    local name names
    if [[ $1 == "$UNITS"/* ]]; then touch "$(reload_mark systemd)"; fi
    read -ra names <<<"$2"
    for name in "${names[@]}"; do
        case $name in
            kube-*) [[ -e $MANIFESTS/$name.yaml ]] || continue ;;
            kubelet | containerd) [[ $(systemctl is-active "$name") != inactive ]] || continue ;;
            *)
                systemctl cat "$name" >/dev/null 2>&1 || log "warning: this host has no unit $name, which $1 shall restart"
                [[ $(systemctl is-active "$name") != inactive ]] || continue
                ;;
        esac
        touch "$(reload_mark "$name")"
    done
}

restart_changed_units() {
    local mark name
    reload_systemd_if_due
    for mark in "$STATE"/reload-*.service; do
        [[ -e $mark ]] || continue
        name=${mark##*/reload-}
        log "restarting $name, because a file of its changed"
        systemctl restart "$name" || die "$name did not restart after a change of its file (files); see systemctl status $name"
        mark_reloaded "$name"
    done
}

readonly STATIC_COMPONENTS="kube-apiserver kube-controller-manager kube-scheduler"

static_component_is_due() {
    local component
    for component in $STATIC_COMPONENTS; do
        if reload_is_due "$component"; then return; fi
    done
    return 1
}

# In this host's turn. A restart of containerd leaves containers running; of a static pod the container starts anew.
restart_changed_components() {
    local component
    if runs_containerd && reload_is_due containerd; then configure_containerd; fi
    if reload_is_due kubelet; then
        log "restarting the kubelet, because a file of its changed"
        systemctl restart kubelet
        wait_for 240 "the kubelet to be healthy" kubelet_is_healthy
        mark_reloaded kubelet
    fi
    for component in $STATIC_COMPONENTS; do
        reload_is_due "$component" || continue
        # A kubelet that starts forgets how long it was to wait before it starts a container that failed.
        component_runs "$component" || systemctl restart kubelet
        restart_if_older "$(reload_mark "$component")" "$component" || true
        if [[ $component == kube-apiserver ]]; then
            wait_for 240 "kube-apiserver's /readyz to succeed" apiserver_is_ready
        else
            wait_for 120 "$component to run for 10 s" component_stays "$component"
        fi
        mark_reloaded "$component"
    done
}

# component_stays NAME: true when the same container runs now and 10 s later. A component that crashes at its start runs for moments.
component_stays() {
    local container
    container=$(crictl ps --quiet --name "^$1$")
    [[ -n $container ]] || return 1
    sleep 10
    [[ $(crictl ps --quiet --name "^$1$") == "$container" ]]
}

setup_remove() {
    write_host_aliases
    rm -f "$SETUP_MODULES_FILE" "$SETUP_SYSCTLS_FILE" "$FORMER_SYSCTLS_FILE"
    restore_all_files
    (restart_changed_units) || log "warning: a service of this host did not restart; see above"
}
