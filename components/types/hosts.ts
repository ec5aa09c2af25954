import * as pulumi from "@pulumi/pulumi";
import { ExtraArg } from "./components";

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
    /** Its address of the other family (node-ip), in a dual-stack cluster, where it is required. Must be on an interface. */
    secondaryAddress?: string;
    /**
     * Labels of the Node, owned by the program: one that leaves the list leaves the Node, and those of others stay.
     * `node-role.kubernetes.io/control-plane` is kubeadm's. A change touches the Node object alone.
     */
    labels?: Record<string, string>;
    /** Annotations of the Node; as labels. */
    annotations?: Record<string, string>;
    /**
     * Taints given at registration.
     * @default `node-role.kubernetes.io/control-plane:NoSchedule` on control plane nodes, none on workers
     */
    taints?: TaintArgs[];
    /** Fields of this node's kubelet's configuration, over the cluster's. A change restarts the kubelet. @default none */
    kubeletConfiguration?: Record<string, unknown>;
    /** Flags of this node's kubelet. A change restarts it. @default node-ip: the private address */
    kubeletExtraArgs?: ExtraArg[];
}

export interface TaintArgs {
    key: string;
    value?: string;
    /** NoSchedule, PreferNoSchedule or NoExecute */
    effect: string;
}
