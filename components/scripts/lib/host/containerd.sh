# shellcheck shell=bash
# containerd 2: configuration version 3, one sandbox image pinned, registries by hosts.toml.

configure_containerd() {
    local restart=false
    if write_if_changed /etc/containerd/config.toml 0644 <<<"$(containerd_config)"; then restart=true; fi
    if configure_proxy_if_changed; then restart=true; fi
    configure_registries
    if runs_former_program containerd || ! systemctl --quiet is-active containerd; then restart=true; fi
    if [[ $restart == true ]]; then
        log "starting containerd"
        systemctl --quiet is-enabled containerd || systemctl enable --quiet containerd
        systemctl restart containerd
    fi
    printf 'runtime-endpoint: unix:///run/containerd/containerd.sock\n' | write_file /etc/crictl.yaml 0644
    wait_for 30 "containerd's socket" crictl version
}

# Another file has taken its program's place since it started. A restart of containerd leaves containers running.
runs_former_program() { [[ $(readlink "/proc/$(systemctl show --property MainPID --value "$1")/exe") == *' (deleted)' ]]; }

containerd_config() {
    cat <<TOML
version = 3

[plugins.'io.containerd.cri.v1.images']
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = '$SANDBOX_IMAGE'
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = $RESTRICT_OOM_SCORE_ADJ
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = $SYSTEMD_CGROUP
TOML
}

# containerd reads these at each pull, so a change restarts nothing. REGISTRIES: one "registry url" a line.
configure_registries() {
    local registry url
    while read -r registry url; do
        [[ -n $registry ]] || continue
        write_registry_ca "${url#*://}"
        registry_hosts "$registry" "$url" | write_file "/etc/containerd/certs.d/$registry/hosts.toml" 0600
    done <<<"$REGISTRIES"
}

registry_hosts() {
    local host=${2#*://} login
    printf 'server = "https://%s"\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$1" "$2"
    if [[ -n $(value_of "$host" "$REGISTRY_CAS") ]]; then
        printf '  ca = "%s"\n' "$(registry_ca "$host")"
    fi
    login=$(value_of "$host" "${REGISTRY_LOGINS:-}")
    if [[ -n $login ]]; then
        printf '  [host."%s".header]\n    authorization = "Basic %s"\n' "$2" "$login"
    fi
}

write_registry_ca() {
    local ca
    ca=$(value_of "$1" "$REGISTRY_CAS")
    if [[ -n $ca ]]; then
        base64 --decode <<<"$ca" | write_file "$(registry_ca "$1")" 0644
    fi
}

registry_ca() { printf '/etc/containerd/certs.d/%s/ca.crt' "$1"; }

# value_of KEY LINES: the rest of the line that begins with KEY.
value_of() { awk -v key="$1" '$1 == key {print $2; exit}' <<<"$2"; }

# The proxy serves image pulls; NO_PROXY lists the cluster's own traffic. True when the settings changed.
configure_proxy_if_changed() {
    local file=/etc/systemd/system/containerd.service.d/proxy.conf
    if [[ -n ${PROXY_HTTP:-}${PROXY_HTTPS:-} ]]; then
        write_if_changed "$file" 0600 <<<"$(containerd_proxy)" || return 1
    elif [[ -e $file ]]; then
        rm -f "$file"
    else
        return 1
    fi
    systemctl daemon-reload
}

containerd_proxy() {
    printf '[Service]\nEnvironment="HTTP_PROXY=%s" "HTTPS_PROXY=%s" "NO_PROXY=%s"\n' "$PROXY_HTTP" "$PROXY_HTTPS" "$PROXY_NONE"
}

# pull_images IMAGE…: side by side, so that no bootstrap waits for a download.
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

# kubeadm of the desired version names its images; kube-proxy and CoreDNS come with their own pods.
pull_control_plane_images() {
    local images
    mapfile -t images < <(kubeadm config images list --config "$KUBEADM_CONFIG_FILE" | grep -vE '/(coredns|pause):')
    pull_images "${images[@]}"
}
