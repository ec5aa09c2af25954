# shellcheck shell=bash
# containerd 2: configuration version 3, one sandbox image pinned, registries by hosts.toml.

configure_containerd() {
    local changed=1
    containerd_config | write_file /etc/containerd/config.toml 0644 && changed=0
    configure_proxy && changed=0
    configure_registries
    ! runs_former_program containerd || changed=0
    if ((changed == 0)) || ! systemctl --quiet is-active containerd; then
        log "starting containerd"
        systemctl --quiet is-enabled containerd || systemctl enable --quiet containerd
        systemctl restart containerd
    fi
    printf 'runtime-endpoint: unix:///run/containerd/containerd.sock\n' | write_file /etc/crictl.yaml 0644 || true
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
        registry_hosts "$registry" "$url" | write_file "/etc/containerd/certs.d/$registry/hosts.toml" 0600 || true
    done <<<"$REGISTRIES"
}

registry_hosts() {
    local host=${2#*://} login
    printf 'server = "https://%s"\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$1" "$2"
    [[ -z $(value_of "$host" "$REGISTRY_CAS") ]] || printf '  ca = "%s"\n' "$(registry_ca "$host")"
    login=$(value_of "$host" "${REGISTRY_LOGINS:-}")
    [[ -z $login ]] || printf '  [host."%s".header]\n    authorization = "Basic %s"\n' "$2" "$login"
}

write_registry_ca() {
    local ca
    ca=$(value_of "$1" "$REGISTRY_CAS")
    [[ -z $ca ]] || base64 --decode <<<"$ca" | write_file "$(registry_ca "$1")" 0644 || true
}

registry_ca() { printf '/etc/containerd/certs.d/%s/ca.crt' "$1"; }

# value_of KEY LINES: the rest of the line that begins with KEY.
value_of() { awk -v key="$1" '$1 == key {print $2; exit}' <<<"$2"; }

# The proxy is for pulls; the cluster's own traffic is on the list of what goes without.
configure_proxy() {
    local file=/etc/systemd/system/containerd.service.d/proxy.conf
    if [[ -z ${PROXY_HTTP:-}${PROXY_HTTPS:-} ]]; then
        [[ -e $file ]] || return 1
        rm -f "$file"
    else
        printf '[Service]\nEnvironment="HTTP_PROXY=%s" "HTTPS_PROXY=%s" "NO_PROXY=%s"\n' \
            "$PROXY_HTTP" "$PROXY_HTTPS" "$PROXY_NONE" | write_file "$file" 0600 || return 1
    fi
    systemctl daemon-reload
}

# pull_images IMAGE…: side by side, so that no bootstrap waits for a download.
pull_images() {
    local image present pulls=() pull
    present=$(crictl images --output json | jq --raw-output '.images[].repoTags[]')
    for image in "$@"; do
        ! grep --quiet --line-regexp --fixed-strings "$image" <<<"$present" || continue
        crictl --timeout 600s pull "$image" >/dev/null &
        pulls+=("$!")
    done
    ((${#pulls[@]} == 0)) || log "pulling ${#pulls[@]} images"
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
