# shellcheck shell=bash
# systemd units for programs that are installed as files; packages bring their own.

kubelet_program() { if uses_binaries; then printf '%s/kubelet' "$BINARY_FOLDER"; else printf /usr/bin/kubelet; fi; }

# The units of the kubelet and kubeadm packages, with another path.
write_kubelet_unit() {
    write_file "$UNITS/kubelet.service" 0644 <<UNIT
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=$BINARY_FOLDER/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
UNIT
    # kubeadm writes the first EnvironmentFile; an administrator may write the second, where the package has it.
    write_file "$UNITS/kubelet.service.d/10-kubeadm.conf" 0644 <<UNIT
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=$KUBERNETES_FOLDER/bootstrap-kubelet.conf --kubeconfig=$KUBELET_CONF"
Environment="KUBELET_CONFIG_ARGS=--config=$KUBELET_FOLDER/config.yaml"
EnvironmentFile=-$KUBELET_FOLDER/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=$BINARY_FOLDER/kubelet \$KUBELET_KUBECONFIG_ARGS \$KUBELET_CONFIG_ARGS \$KUBELET_KUBEADM_ARGS \$KUBELET_EXTRA_ARGS
UNIT
}

# The unit of containerd's source archive.
write_containerd_unit() {
    write_file "$UNITS/containerd.service" 0644 <<UNIT
[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target dbus.service

[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=$BINARY_FOLDER/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
UNIT
}
