import { isIP } from "net";
import { isCanonical } from "../lib/addresses";
import { Fault, duplicates, fault } from "../lib/faults";
import { ExtraArg, withDefaultArgs } from "./controlPlaneComponents";
import { Login, SshArgs } from "./ssh";

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

/** A host with every default filled in. It holds no secret: the SSH key is one of `ClusterSecrets`. */
export interface HostSettings {
    name: string;
    /** Where SSH answers. */
    address: string;
    port: number;
    user: string;
    hostKey?: string;
    /** The address of the cluster's own traffic. */
    privateAddress: string;
    /** The address of the other family, of a node of a dual-stack cluster. */
    secondaryAddress?: string;
}

/** A host that is a Kubernetes node, with every default filled in. */
export interface NodeSettings extends HostSettings {
    labels: Record<string, string>;
    annotations: Record<string, string>;
    /** The kubelet registers the Node with them. */
    taints: TaintArgs[];
    /** Fields of this node's own, over the cluster's. */
    kubeletConfiguration: Record<string, unknown>;
    kubeletExtraArgs: ExtraArg[];
}

/** The fields are picked one by one: a stray property would end up in an error message, beside the private key. */
export const resolveHost = (host: HostArgs & Pick<NodeArgs, "secondaryAddress">, ssh: Login): HostSettings => ({
    name: host.name,
    address: host.address,
    port: host.port ?? ssh.port ?? 22,
    user: host.user ?? ssh.user ?? "root",
    hostKey: host.hostKey,
    privateAddress: host.privateAddress ?? host.address,
    secondaryAddress: host.secondaryAddress,
});

export function resolveNode(node: NodeArgs, ssh: Login, defaultTaints: TaintArgs[]): NodeSettings {
    const host = resolveHost(node, ssh);
    const nodeIp = [host.privateAddress, host.secondaryAddress].filter(Boolean).join(",");
    return {
        ...host,
        labels: node.labels ?? {},
        annotations: node.annotations ?? {},
        taints: node.taints ?? defaultTaints,
        kubeletConfiguration: node.kubeletConfiguration ?? {},
        kubeletExtraArgs: withDefaultArgs(node.kubeletExtraArgs, [{ name: "node-ip", value: nodeIp }]),
    };
}

/** kubeadm's taint of control plane nodes, which keeps ordinary pods away. */
export const CONTROL_PLANE_TAINT: TaintArgs = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const HOST_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d{3}) [A-Za-z0-9+/]+={0,2}( .*)?$/;
const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export const isDnsName = (text: string): boolean =>
    text.length <= 253 && DNS_NAME.test(text) && !/(^|\.)\d+$/.test(text);

export const isPort = (port: unknown): boolean =>
    Number.isInteger(port) && (port as number) > 0 && (port as number) < 65536;

export function validateHost(path: string, host: HostArgs, ssh: SshArgs | undefined): Fault[] {
    const faults: Fault[] = [];
    if (!DNS_LABEL.test(host.name ?? "")) {
        faults.push(
            fault(`${path}.name`, host.name, "a DNS label: lower-case letters, digits and '-', at most 63 characters"),
        );
    }
    if (!isIP(host.address ?? "") && !isDnsName(host.address ?? "")) {
        faults.push(fault(`${path}.address`, host.address, "an IP address or a DNS name"));
    }
    if (
        host.privateAddress !== undefined
            ? !isIP(host.privateAddress)
            : isDnsName(host.address ?? "") && !isIP(host.address)
    ) {
        faults.push(
            fault(`${path}.privateAddress`, host.privateAddress, "an IP address of the host (address is a name)"),
        );
    }
    faults.push(...spellingFaults(path, host));
    if (host.port !== undefined && !isPort(host.port))
        faults.push(fault(`${path}.port`, host.port, "a port, 1 to 65535"));
    if (host.hostKey === undefined && ssh?.insecureSkipHostKeyCheck !== true) {
        faults.push(
            fault(
                `${path}.hostKey`,
                undefined,
                "the host's public key ('ssh-keyscan -t ed25519 <address>' shows it), in hostKey or the known_hosts file",
            ),
        );
    } else if (host.hostKey !== undefined && !HOST_KEY.test(host.hostKey)) {
        faults.push(
            fault(`${path}.hostKey`, host.hostKey, "'<type> <base64>' as in known_hosts, e.g. 'ssh-ed25519 AAAA…'"),
        );
    }
    return faults;
}

// Addresses are compared with what the host shows of its own, as texts.
const spellingFaults = (path: string, host: NodeArgs): Fault[] =>
    (["address", "privateAddress", "secondaryAddress"] as const)
        .filter((field) => !isCanonical(host[field] ?? ""))
        .map((field) =>
            fault(`${path}.${field}`, host[field], "its shortest spelling (RFC 5952), without a zone: fd00::11"),
        );

export function validateNode(path: string, node: NodeArgs, ssh: SshArgs | undefined): Fault[] {
    const taints = (node.taints ?? []).flatMap((taint, i) =>
        TAINT_EFFECTS.includes(taint.effect)
            ? []
            : [fault(`${path}.taints[${i}].effect`, taint.effect, TAINT_EFFECTS.join(", "))],
    );
    const labels = Object.keys(node.labels ?? {})
        .filter((key) => key === "node-role.kubernetes.io/control-plane")
        .map((key) => fault(`${path}.labels`, key, "another label: this one is kubeadm's"));
    return [...validateHost(path, node, ssh), ...taints, ...labels];
}

/** A host with its property path, "controlPlaneNodes[0]". */
export interface HostAt<T = HostSettings> {
    path: string;
    host: T;
}

export const withPaths = <T>(list: string, hosts: T[]): HostAt<T>[] =>
    hosts.map((host, i) => ({ path: `${list}[${i}]`, host }));

/** Names, addresses and host keys are a machine's identity: no two may share one. */
export function validateUnique(hosts: HostAt<HostArgs>[]): Fault[] {
    const pick = (field: "name" | "address" | "hostKey" | "privateAddress" | "secondaryAddress") =>
        hosts.map(({ path, host }: { path: string; host: NodeArgs }) => ({
            path: `${path}.${field}`,
            value: host[field],
        }));
    return [
        ...duplicates(pick("name"), "a name"),
        ...duplicates(pick("address"), "an address"),
        ...duplicates(pick("privateAddress"), "an address"),
        ...duplicates(pick("secondaryAddress"), "an address"),
        ...duplicates(pick("hostKey"), "a host key"),
    ];
}
