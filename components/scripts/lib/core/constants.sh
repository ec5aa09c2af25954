# shellcheck shell=bash
# Paths and ports that more than one file uses. The program knows some of them too: components/lib/ports.ts, HOST_STATE and
# NODE_LOCAL_FOLDER.

# What this project knows of a host lives here; `release` removes it.
readonly STATE=${STATE:-/var/lib/pulumi-kubeadm}
readonly HOST_LOCK=/run/pulumi-kubeadm.lock

readonly KUBERNETES_FOLDER=/etc/kubernetes
readonly PKI=$KUBERNETES_FOLDER/pki
# The kubelet runs the static pods of this folder.
readonly MANIFESTS=$KUBERNETES_FOLDER/manifests
readonly ADMIN_CONF=$KUBERNETES_FOLDER/admin.conf KUBELET_CONF=$KUBERNETES_FOLDER/kubelet.conf
readonly NODE_LOCAL_FOLDER=$KUBERNETES_FOLDER/load-balancer
readonly KUBEADM_CONFIG_FILE=$STATE/kubeadm.yaml

readonly KUBELET_FOLDER=/var/lib/kubelet
readonly CONTAINERD_FOLDER=/etc/containerd
readonly CNI_FOLDER=/opt/cni/bin
readonly UNITS=/etc/systemd/system

# An etcd member that is not kubeadm's: configuration and certificates, and its programs where they come from an archive.
readonly ETCD_FOLDER=/etc/etcd
readonly ETCD_PKI=$ETCD_FOLDER/pki
readonly ETCD_PROGRAMS=/opt/etcd
# The data directory of kubeadm's member, and the default of ours.
readonly ETCD_DEFAULT_DATA=/var/lib/etcd

# Programs that come as files (sources.binaries), and the links to them.
readonly BINARY_STORE=/opt/pulumi-kubeadm BINARY_FOLDER=/usr/local/bin

readonly APISERVER_PORT=6443
readonly ETCD_CLIENT_PORT=2379 ETCD_PEER_PORT=2380
readonly KUBELET_PORT=10250 KUBELET_HEALTH_PORT=10248
