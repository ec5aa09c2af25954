import { KubeProxyMode } from "./types";

/** Ports, as kubeadm and etcd have them (kubernetes cmd/kubeadm/app/constants). */
export const PORTS = {
    apiServer: 6443,
    etcdClient: 2379,
    etcdPeer: 2380,
    kubelet: 10250,
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

/** Folder in the SSH user's home that holds the scripts. */
export const TOOLKIT = ".pulumi-kubeadm";

/** Folder on a node with what its own balancer's static pod reads. */
export const NODE_LOCAL_FOLDER = "/etc/kubernetes/load-balancer";

/** Folder on a host with what this project knows of it. */
export const HOST_STATE = "/var/lib/pulumi-kubeadm";

/** CAs live as long as kubeadm's (ten years); leaf certificates a year. */
export const CA_VALIDITY_HOURS = 87600;
export const CERTIFICATE_VALIDITY_HOURS = 8760;

/** What a node needs at least; kubeadm's preflight asks for the same. */
export const MINIMUM = {
    controlPlane: { memoryMiB: 1700, cpus: 2 },
    worker: { memoryMiB: 512, cpus: 1 },
    loadBalancer: { memoryMiB: 256, cpus: 1 },
    etcd: { memoryMiB: 512, cpus: 1 },
} as const;

export const NETWORK_DEFAULTS = {
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/12",
    dnsDomain: "cluster.local",
    kubeProxy: KubeProxyMode.Iptables,
} as const;

/** A dial is tried this often, at most this many seconds each, before a host is said to be unreachable. */
export const DIAL = { errorLimit: 5, timeoutSeconds: 5 } as const;

/** How long the release of one host may take: removing its pods (three attempts of two minutes) and its packages. */
export const RELEASE_SECONDS = 900;

/** Where a member that is not kubeadm's keeps its configuration and certificates. */
export const ETCD_FOLDER = "/etc/etcd";

/** kubeadm's (constants.EtcdMetricsPort and the default of `etcd.local.dataDir`), for members that are not its own as well. */
export const ETCD_DEFAULTS = { dataDir: "/var/lib/etcd", listenMetricsUrls: ["http://127.0.0.1:2381"] };

/** etcd's own, against which an option that is given alone is held (server/embed/config.go). */
export const ETCD_TIMING = { heartbeatInterval: 100, electionTimeout: 1000, maxElectionTimeout: 50_000 } as const;

/** The names by which apiservers show themselves to etcd, and their files, are kubeadm's. */
export const ETCD_CLIENT = {
    commonName: "kube-apiserver-etcd-client",
    caFile: "/etc/kubernetes/pki/etcd/ca.crt",
    certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
    keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
} as const;

/** VRRP's own defaults (keepalived.conf(5)). */
export const VRRP_DEFAULTS = { virtualRouterId: 51, advertInterval: 1, multicast: false } as const;

/** The leases that kube-vip's documentation uses. */
export const KUBE_VIP_DEFAULTS = { leaseDuration: 5, renewDeadline: 3, retryPeriod: 1 } as const;

/**
 * A dead apiserver is out within three seconds (two checks, at most two seconds each); idle timeouts are above any
 * watch's silence; `slowStart` keeps a restarted apiserver from getting all new connections at once.
 */
export const PROXY_DEFAULTS = {
    balance: "leastconn",
    maxConnections: 8192,
    check: { interval: 1, fastInterval: 0.5, downInterval: 0.5, timeout: 2, rise: 1, fall: 2, slowStart: 10 },
    timeouts: { connect: 2, client: 3600, server: 3600 },
    stats: { address: "127.0.0.1", user: "admin" },
} as const;

export const CRI_SOCKET = "unix:///run/containerd/containerd.sock";

/** Worker nodes that a rollout changes at one time, unless told otherwise. */
export const DEFAULT_MAX_UNAVAILABLE = 1;

export const DEFAULT_DRAIN_TIMEOUT_SECONDS = 300;
