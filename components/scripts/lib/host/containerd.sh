# shellcheck shell=bash
# Configures containerd 2: configuration version 3, a pinned sandbox image, registries in hosts.toml files.

readonly CRICTL_CONFIG=/etc/crictl.yaml CNI_CONFIG=/etc/cni

configure_containerd() {
    write_file "$CONTAINERD_FOLDER/config.toml" 0644 "$(reload_mark containerd)" <<<"$(containerd_config)"
    configure_proxy
    configure_registries
    if reload_is_due containerd || runs_replaced_binary containerd || ! systemctl --quiet is-active containerd; then
        log "starting containerd"
        systemctl --quiet is-enabled containerd || systemctl enable --quiet containerd
        systemctl restart containerd
        mark_reloaded containerd
    fi
    configure_crictl
    wait_for 30 "containerd's socket to answer" crictl version
}

# crictl's own limit of 2 s is too short for a host under load.
configure_crictl() {
    printf '%s\n' 'runtime-endpoint: unix:///run/containerd/containerd.sock' 'timeout: 30' | write_file "$CRICTL_CONFIG" 0644
}

# True when the file of the unit's program was replaced after it started. Restarting containerd leaves containers running.
runs_replaced_binary() { [[ $(readlink "/proc/$(systemctl show --property MainPID --value "$1")/exe") == *' (deleted)' ]]; }

containerd_config() {
    cat <<TOML
version = 3

[plugins.'io.containerd.cri.v1.images']
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = '$SANDBOX_IMAGE'
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = '$CONTAINERD_FOLDER/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = $RESTRICT_OOM_SCORE_ADJ
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = $SYSTEMD_CGROUP
TOML
}

# containerd reads these files at each pull, so a change needs no restart.
configure_registries() {
    local registry url
    remove_undeclared_registries
    # Until all are written, both the former registries and the new ones are ours.
    lines "${REGISTRIES[@]}" "$(cat "$STATE/registries" 2>/dev/null || true)" | write_file "$STATE/registries" 0600
    while read -r registry url; do
        write_registry_ca "$(url_host "$url")"
        registry_hosts "$registry" "$url" | write_file "$CONTAINERD_FOLDER/certs.d/$registry/hosts.toml" 0600
    done < <(lines "${REGISTRIES[@]}")
    lines "${REGISTRIES[@]}" | write_file "$STATE/registries" 0600
}

# Deletes the files of registries that have left the configuration. Those of an administrator stay.
remove_undeclared_registries() {
    local registry url
    [[ -e $STATE/registries ]] || return 0
    while read -r registry url; do
        if [[ -n $registry && -z $(value_of "$registry" "${REGISTRIES[@]}") ]]; then
            log "removing the configuration of $registry ($url)"
            rm -f "$CONTAINERD_FOLDER/certs.d/$registry/hosts.toml"
            # It may have files of an administrator.
            rmdir --ignore-fail-on-non-empty "$CONTAINERD_FOLDER/certs.d/$registry" || true
        fi
    done <"$STATE/registries"
}

# Logins and CAs are of a host, whatever the path of the mirror on it.
url_host() {
    local host=${1#*://}
    printf '%s' "${host%%/*}"
}

registry_hosts() {
    local host login
    host=$(url_host "$2")
    printf 'server = "https://%s"\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$1" "$2"
    # The path has the API's /v2 already.
    if [[ ${2#*://} == */* ]]; then printf '  override_path = true\n'; fi
    if [[ -n $(value_of "$host" "${REGISTRY_CAS[@]}") ]]; then
        printf '  ca = "%s"\n' "$(registry_ca "$host")"
    fi
    login=$(value_of "$host" "${REGISTRY_LOGINS[@]}")
    if [[ -n $login ]]; then
        printf '  [host."%s".header]\n    authorization = "Basic %s"\n' "$2" "$login"
    fi
}

write_registry_ca() {
    local ca
    ca=$(value_of "$1" "${REGISTRY_CAS[@]}")
    if [[ -n $ca ]]; then
        base64 --decode <<<"$ca" | write_file "$(registry_ca "$1")" 0644
    fi
}

registry_ca() { printf '%s/certs.d/%s/ca.crt' "$CONTAINERD_FOLDER" "$1"; }

# The proxy serves image pulls; NO_PROXY lists the cluster's own traffic.
configure_proxy() {
    local file=$UNITS/containerd.service.d/proxy.conf mark
    mark=$(reload_mark containerd)
    if [[ -n $PROXY_HTTP$PROXY_HTTPS ]]; then
        write_file "$file" 0600 "$mark" <<<"$(containerd_proxy)"
    elif [[ -e $file ]]; then
        touch "$mark"
        rm -f "$file"
    fi
    if reload_is_due containerd; then systemctl daemon-reload; fi
}

containerd_proxy() {
    printf '[Service]\nEnvironment="HTTP_PROXY=%s" "HTTPS_PROXY=%s" "NO_PROXY=%s"\n' "$PROXY_HTTP" "$PROXY_HTTPS" "$PROXY_NONE"
}

# pull_images IMAGE…: pulls missing images in parallel, so that no bootstrap waits for a download.
pull_images() {
    local image present pulls=() pull
    present=$(crictl images --output json | jq --raw-output '.images[].repoTags[]')
    for image in "$@"; do
        if grep --quiet --line-regexp --fixed-strings "$image" <<<"$present"; then continue; fi
        crictl --timeout 600s pull "$image" >/dev/null &
        pulls+=("$!")
    done
    if ((${#pulls[@]} > 0)); then log "pulling ${#pulls[@]} images"; fi
    for pull in "${pulls[@]}"; do
        wait "$pull" || die "an image could not be pulled; see crictl's error above"
    done
}

# kubeadm lists the images of its version; those of CoreDNS and the sandbox are not needed here.
pull_control_plane_images() {
    local images
    mapfile -t images < <(kubeadm config images list --config "$KUBEADM_CONFIG_FILE" | grep -vE '/(coredns|pause):')
    pull_images "${images[@]}"
}

# Removes every pod. Of a pod whose network is not removed in time, processes and interfaces would stay.
pods_remove() {
    local pods attempt
    command -v crictl >/dev/null && holds_within 10 crictl version || return 0
    for attempt in 1 2 3; do
        if pods=$(crictl pods --quiet); then
            [[ -n $pods ]] || return 0
            if xargs timeout 120 crictl --timeout 60s rmp --force <<<"$pods" >/dev/null; then return; fi
        fi
        log "attempt $attempt: not every pod could be removed; see crictl's error above"
    done
}

containerd_remove() {
    # A run that was killed has given it back already.
    [[ ! -e $STATE/restored-containerd ]] || return 0
    systemctl disable --now --quiet containerd 2>/dev/null || true
    # containerd's shims outlive it on purpose, so that containers survive its restart.
    pkill --full '^/(usr/bin|usr/local/bin|opt/pulumi-kubeadm/[^ ]*)/containerd-shim-runc-v2 ' || true
    # A volume that an administrator mounted at /var/lib/containerd itself stays.
    unmount_all /var/lib/containerd/ /run/containerd
    remove_folder /var/lib/containerd
    rm -rf /run/containerd /opt/containerd "$UNITS/containerd.service.d/proxy.conf"
    rmdir "$UNITS/containerd.service.d" 2>/dev/null || true
}

# Keeps the files that the host had at containerd's and the CNI plugins' paths, before the program writes its own.
keep_containerd() {
    claim_former_containerd
    keep_former containerd "$CONTAINERD_FOLDER" containerd
    keep_former crictl "$CRICTL_CONFIG"
    keep_former cni "$CNI_CONFIG"
}

# After the removal of packages, which takes their configuration files along.
containerd_restore() {
    if [[ ! -e $STATE/restored-containerd ]]; then claim_former_containerd; fi
    restore_former crictl "$CRICTL_CONFIG"
    restore_former cni "$CNI_CONFIG"
    restore_former containerd "$CONTAINERD_FOLDER" containerd
}

# Where containerd was configured before the program kept anything, its files are the program's.
claim_former_containerd() {
    if [[ ! -e $STATE/kept-containerd && -e $STATE/registries ]]; then touch "$STATE"/kept-{containerd,crictl,cni}; fi
}
