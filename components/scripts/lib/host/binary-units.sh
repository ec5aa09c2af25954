# shellcheck shell=bash
# The units of programs that come as files; packages would have brought them.

kubelet_program() { if uses_binaries; then printf '%s/kubelet' "$BINARY_FOLDER"; else printf /usr/bin/kubelet; fi; }

# The units that the packages of kubelet and kubeadm bring, with another path.
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
    # kubeadm writes the second file; the third is an administrator's, where a package would have put it.
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

# As containerd's own archive of sources has it.
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
