import { isIP } from "net";
import { isCanonical } from "../lib/addresses";
import { Fault, duplicates, fault, oneOf } from "../lib/faults";
import { Login, SshArgs } from "./ssh";

/** What happens to a host that leaves the program: it is reset, or left as it is. */
export const OnRemoval = { Release: "release", Keep: "keep" } as const;
export type OnRemoval = (typeof OnRemoval)[keyof typeof OnRemoval];

/** One machine. Its name is its identity: resources are named by it, so its place in a list means nothing. */
export interface HostArgs {
    /**
     * The name of the host in Kubernetes and etcd, and its identity: a DNS label, unique in the cluster.
     * @change Another name is another node. Refused for a live host.
     */
    name: string;
    /**
     * The address or DNS name at which SSH answers.
     * @change A new claim. Another machine there is built in place of the former one; power a former worker off first,
     * because a worker does not join while a Node of its name is Ready. The same machine there (another path to it) is
     * taken over and not changed.
     */
    address: string;
    /**
     * The address that the cluster's traffic uses. It must be on an interface of the host. Required where `address` is
     * a name.
     * @kind IP address
     * @otherwise `address`
     * @change Refused for a live host.
     */
    privateAddress?: string;
    /**
     * The host's public SSH key, `<type> <base64>`; ed25519 is preferred.
     * @otherwise from `ssh.knownHostsFile`
     * @change Another key is a new machine, which is built in place of the old one.
     */
    hostKey?: string;
    /**
     * The login on this host.
     * @otherwise `ssh.user`
     * @change The steps of this host run again and change nothing.
     */
    user?: string;
    /**
     * The port of sshd on this host.
     * @asType integer
     * @otherwise `ssh.port`
     * @change The steps of this host run again and change nothing.
     */
    port?: number;
    /**
     * What happens to this host when it leaves the program.
     * @otherwise `onRemoval`
     * @change As for `onRemoval`.
     */
    onRemoval?: OnRemoval;
}

/** The cluster's values for options that a host may set itself. */
export type HostDefaults = Login & Pick<HostArgs, "onRemoval">;

export const hostDefaults = (args: { ssh?: SshArgs; onRemoval?: OnRemoval }): HostDefaults => ({
    user: args.ssh?.user,
    port: args.ssh?.port,
    onRemoval: args.onRemoval,
});

/** A host, and a node's second address. */
type AddressedHost = HostArgs & { secondaryAddress?: string };

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
    onRemoval: OnRemoval;
}

/** The fields are picked one by one: a stray property would end up in an error message, beside the private key. */
export const resolveHost = (host: AddressedHost, defaults: HostDefaults): HostSettings => ({
    name: host.name,
    address: host.address,
    port: host.port ?? defaults.port ?? 22,
    user: host.user ?? defaults.user ?? "root",
    hostKey: host.hostKey,
    privateAddress: host.privateAddress ?? host.address,
    secondaryAddress: host.secondaryAddress,
    onRemoval: host.onRemoval ?? defaults.onRemoval ?? OnRemoval.Release,
});

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const HOST_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d{3}) [A-Za-z0-9+/]+={0,2}( .*)?$/;

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
            fault(
                `${path}.privateAddress`,
                host.privateAddress,
                host.privateAddress === undefined
                    ? "an IP address of the host, because address is a DNS name"
                    : "an IP address of the host",
            ),
        );
    }
    faults.push(...spellingFaults(path, host), ...oneOf(`${path}.onRemoval`, host.onRemoval, OnRemoval));
    if (host.port !== undefined && !isPort(host.port)) {
        faults.push(fault(`${path}.port`, host.port, "a port, 1 to 65535"));
    }
    if (host.hostKey === undefined && ssh?.insecureSkipHostKeyCheck !== true) {
        faults.push(
            fault(
                `${path}.hostKey`,
                undefined,
                `the host's public key, as '${keyscan(host, ssh)}' prints it, in hostKey or the known_hosts file`,
            ),
        );
    } else if (host.hostKey !== undefined && !HOST_KEY.test(host.hostKey)) {
        faults.push(
            fault(`${path}.hostKey`, host.hostKey, "'<type> <base64>' as in known_hosts, e.g. 'ssh-ed25519 AAAA…'"),
        );
    }
    return faults;
}

function keyscan(host: HostArgs, ssh: SshArgs | undefined): string {
    const { port } = resolveHost(host, ssh ?? {});
    return `ssh-keyscan -t ed25519 ${port === 22 ? "" : `-p ${port} `}<address>`;
}

// Addresses are compared with what the host shows of its own, as texts.
const spellingFaults = (path: string, host: AddressedHost): Fault[] =>
    (["address", "privateAddress", "secondaryAddress"] as const)
        .filter((field) => !isCanonical(host[field] ?? ""))
        .map((field) =>
            fault(`${path}.${field}`, host[field], "its shortest spelling (RFC 5952), without a zone: fd00::11"),
        );

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
        hosts.map(({ path, host }: { path: string; host: AddressedHost }) => ({
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
