/** Ports, as kubeadm and etcd have them (kubernetes cmd/kubeadm/app/constants). */
export const PORTS = {
    apiServer: 6443,
    etcdClient: 2379,
    etcdPeer: 2380,
    kubelet: 10250,
    kubeletHealthz: 10248,
    kubeProxyMetrics: 10249,
    kubeProxyHealthz: 10256,
    scheduler: 10259,
    controllerManager: 10257,
    /** The balanced endpoint where kube-apiserver has 6443 for itself (kubeadm docs/ha-considerations.md). */
    besideApiServer: 8443,
} as const;

/** Of the CNI plugins, between nodes: flannel's and Cilium's VXLAN, Calico's, BGP, Cilium's Geneve, health and Hubble. */
export const CNI_PORTS = {
    flannelVxlan: 8472,
    calicoVxlan: 4789,
    bgp: 179,
    geneve: 6081,
    ciliumHealth: 4240,
    hubblePeer: 4244,
} as const;

/** kube-apiserver's default `service-node-port-range`. */
export const NODE_PORT_RANGE = "30000-32767";
