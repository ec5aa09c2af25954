import * as pulumi from "@pulumi/pulumi";

/** How hosts are reached over SSH. A host's own values win over the cluster's. */
export interface SshArgs {
    /**
     * The user to log in as: root, or one with passwordless sudo.
     * @default "root"
     */
    user?: string;
    /** @default 22 */
    port?: number;
    /** The private key, in a form that OpenSSH reads (PEM). It is kept as a secret. Changing it reruns every step, which finds nothing to do. */
    privateKey: pulumi.Input<string>;
    /**
     * Accept whatever host key is shown. Only for throwaway hosts: whoever answers at the address gets the cluster's CA keys.
     * @default false
     */
    insecureSkipHostKeyCheck?: boolean;
}

/** One machine. Its name is its identity: resources are named by it, so its place in a list means nothing. */
export interface HostArgs {
    /** The node's name in Kubernetes and etcd: a DNS label (RFC 1123), unique in the cluster. Changing it makes another node. */
    name: string;
    /** The address or name at which SSH answers. */
    address: string;
    /**
     * The address that the cluster's own traffic uses: advertised by kube-apiserver, etcd and the kubelet. It must be on an interface of the host.
     * @default address
     */
    privateAddress?: string;
    /**
     * The host's public SSH key, `<type> <base64>` as in known_hosts; ed25519 is preferred.
     * A new key means a new machine: it is built again, and takes the old one's place in etcd.
     */
    hostKey?: string;
    /** @default the cluster's */
    user?: string;
    /** @default the cluster's */
    port?: number;
}

/** A host that is a Kubernetes node. */
export interface NodeArgs extends HostArgs {
    /** Labels given at registration; later changes are the Node object's own. Keys of the node-role.kubernetes.io domain are kubeadm's. */
    labels?: Record<string, string>;
    /**
     * Taints given at registration.
     * @default `node-role.kubernetes.io/control-plane:NoSchedule` on control plane nodes, none on workers
     */
    taints?: TaintArgs[];
}

export interface TaintArgs {
    key: string;
    value?: string;
    /** NoSchedule, PreferNoSchedule or NoExecute */
    effect: string;
}

/** A Debian package repository and the key that signs it. */
export interface PackageRepositoryArgs {
    /** Where it is: the URI of a `deb` line. */
    uri: string;
    /** Suite and components of the `deb` line; "/" for a flat repository. */
    suite: string;
    /** The signing key: an armored public key, or `<fingerprint> <URL>`: fetched by the host, refused when its fingerprint differs. */
    key: string;
}

/** Where everything from outside comes from. Each default is the public upstream; each can be a mirror (air-gapped sites). */
export interface SourcesArgs {
    /** kubeadm, kubelet, kubectl, cri-tools, kubernetes-cni. @default pkgs.k8s.io, of the version's minor */
    kubernetes?: PackageRepositoryArgs;
    /** containerd.io. @default download.docker.com */
    containerd?: PackageRepositoryArgs;
    /** Registry name to the mirror that serves it, as containerd's hosts.toml has it: `{"registry.k8s.io": "http://10.0.0.2:5000"}`. @default {} */
    registryMirrors?: Record<string, string>;
    /** kubeadm's imageRepository. @default "registry.k8s.io" */
    imageRepository?: string;
}

export interface NetworkArgs {
    /** The pods' addresses (CIDR). Cannot be changed on a live cluster. @default "10.244.0.0/16" */
    podSubnet?: string;
    /** The services' addresses (CIDR). Cannot be changed on a live cluster. @default "10.96.0.0/12" */
    serviceSubnet?: string;
    /** @default "cluster.local" */
    dnsDomain?: string;
}

/** The CNI plugins; `none` leaves nodes NotReady until one is brought. */
export const CniPlugin = { Flannel: "flannel", None: "none" } as const;
export type CniPlugin = (typeof CniPlugin)[keyof typeof CniPlugin];

export interface CniArgs {
    /** @default "flannel" */
    plugin?: CniPlugin;
    /** The network's MTU. @default flannel's own choice: the interface's, less its overhead */
    mtu?: number;
}

/** Where etcd's members are. External clusters have their place here when they come. */
export const EtcdTopology = { Stacked: "stacked" } as const;
export type EtcdTopology = (typeof EtcdTopology)[keyof typeof EtcdTopology];

export interface EtcdTopologyArgs {
    /** `stacked`: a member on every control plane node, as a static pod. @default "stacked" */
    topology?: EtcdTopology;
    /** Space quota in bytes. @default etcd's own, 2 GiB */
    quotaBackendBytes?: number;
}

/** Where the load balancer runs. */
export const LoadBalancerPlacement = { ControlPlane: "controlPlane", Dedicated: "dedicated" } as const;
export type LoadBalancerPlacement = (typeof LoadBalancerPlacement)[keyof typeof LoadBalancerPlacement];

export interface LoadBalancerTopologyArgs {
    /** `controlPlane`: haproxy on every control plane node, the virtual address on one of them. `dedicated`: haproxy on hosts of its own. @default "controlPlane" */
    placement?: LoadBalancerPlacement;
    /** The dedicated hosts; one, or more with a virtual address. */
    hosts?: HostArgs[];
    /** The address that keepalived keeps on one healthy host. Required on control planes and with more than one dedicated host. */
    virtualAddress?: string;
    /** The port of the endpoint. @default 8443 on control plane nodes (6443 is kube-apiserver's own), 6443 on dedicated hosts */
    port?: number;
    /** Seconds between VRRP advertisements; a lost holder is noticed after about three of them. @default 1 */
    advertInterval?: number;
    /** VRRP's id, 1 to 255: unique among the keepalived clusters of one network. @default 51 */
    virtualRouterId?: number;
}
