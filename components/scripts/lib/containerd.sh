# shellcheck shell=bash
# containerd 2: configuration version 3, one sandbox image pinned, registry mirrors by hosts.toml.

configure_containerd() {
    local changed=1
    containerd_config | write_file /etc/containerd/config.toml 0644 && changed=0
    write_registry_mirrors && changed=0
    if ((changed == 0)) || ! systemctl --quiet is-active containerd; then
        log "starting containerd"
        systemctl enable --quiet containerd
        systemctl restart containerd
    fi
    printf 'runtime-endpoint: unix:///run/containerd/containerd.sock\n' | write_file /etc/crictl.yaml 0644 || true
    wait_for 30 "containerd's socket" crictl version
}

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

# REGISTRY_MIRRORS: one "registry url" a line.
write_registry_mirrors() {
    local registry url changed=1
    while read -r registry url; do
        [[ -n $registry ]] || continue
        printf 'server = "https://%s"\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$registry" "$url" |
            write_file "/etc/containerd/certs.d/$registry/hosts.toml" 0644 && changed=0
    done <<<"$REGISTRY_MIRRORS"
    return "$changed"
}

# pull_images IMAGE…: side by side, so that no bootstrap waits for a download.
pull_images() {
    local image pulls=() pull
    for image in "$@"; do
        [[ -n $(crictl images --quiet "$image" 2>/dev/null) ]] && continue
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
