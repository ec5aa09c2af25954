import * as pulumi from "@pulumi/pulumi";
import { isIP } from "net";
import { isCanonical, isSpecialAddress, isUnspecified } from "../lib/addresses";
import { Known } from "../lib/known";
import { Fault, duplicates, fault, oneOf } from "../lib/faults";
import { isDnsName, isLocalName } from "../lib/forms";
import { tidyPublicKey } from "../lib/sshKeys";
import {
    HostSetupArgs,
    HostSetupSettings,
    HostSetupsArgs,
    SetupRole,
    resolveSetup,
    setupFaults,
    setupsOf,
} from "./hostSetup";
import { Login, addressFaults, hostKeyFaults, loginFaults } from "./login";
import { SshArgs } from "./ssh";

/** What happens to a host that leaves the program: it is reset, or left as it is. */
export const OnRemoval = { Release: "release", Keep: "keep" } as const;
export type OnRemoval = (typeof OnRemoval)[keyof typeof OnRemoval];

/** One machine. Its name is its identity: resources are named by it, so its place in a list means nothing. */
export interface HostArgs extends HostSetupArgs {
    /**
     * The name of the host in Kubernetes and etcd, and its identity: a DNS label or a full DNS name (`cp1.example.org`) of at most
     * 63 characters, unique in the cluster. Kubernetes allows longer names of Nodes, but the value of the label
     * `kubernetes.io/hostname` has at most 63 characters, so a kubelet with a longer name could not register.
     * @change Another name is another node. Refused for a live host.
     */
    name: string;
    /**
     * The address or DNS name at which SSH answers. Hosts may share it where each has a `port` of its own (forwarded to its sshd) and a
     * `privateAddress`.
     * @change A new claim. Another machine there is built in place of the former one; power a former worker off first,
     * because a worker does not join while a Node of its name is Ready (it waits for 90 s). The same machine there (another path to it) is
     * taken over and not changed.
     */
    address: pulumi.Input<string>;
    /**
     * The address that the cluster's traffic uses. It must be on an interface of the host. Required where `address` is
     * a name.
     * @kind IP address
     * @otherwise `address`
     * @change Refused for a live host.
     */
    privateAddress?: pulumi.Input<string>;
    /**
     * The host's public SSH key, `<type> <base64>`; ed25519 is preferred.
     * @otherwise from `ssh.knownHostsFile`
     * @change Another key is a new machine, which is built in place of the old one.
     */
    hostKey?: pulumi.Input<string>;
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
export type HostDefaults = Login & Pick<HostArgs, "onRemoval"> & { sudoAsks?: boolean; setups?: HostSetupArgs[] };

/** The arguments of a cluster that have values for its hosts. */
export interface HostDefaultsArgs {
    ssh?: SshArgs;
    onRemoval?: OnRemoval;
    hostSetup?: HostSetupsArgs;
}

export const hostDefaults = (args: HostDefaultsArgs, role?: SetupRole): HostDefaults => ({
    user: args.ssh?.user,
    port: args.ssh?.port,
    sudoAsks: args.ssh?.sudoPassword !== undefined,
    onRemoval: args.onRemoval,
    setups: setupsOf(args.hostSetup, role),
});

/** A host whose values are known. */
export type KnownHostArgs = Known<HostArgs, "address" | "privateAddress" | "hostKey">;

/** A host, and a node's second address. */
type AddressedHost = KnownHostArgs & { secondaryAddress?: string };

/** A host with every default filled in. It holds no secret: the SSH key is one of `ClusterSecrets`. */
export interface HostSettings {
    name: string;
    /** Where SSH answers. */
    address: string;
    port: number;
    user: string;
    /** Whether sudo may ask the user for `ssh.sudoPassword`. Never for root. */
    sudoAsks: boolean;
    hostKey?: string;
    /** The address of the cluster's own traffic. */
    privateAddress: string;
    /** The address of the other family, of a node of a dual-stack cluster. */
    secondaryAddress?: string;
    onRemoval: OnRemoval;
    setup: HostSetupSettings;
}

/** The settings of a host that are plain values. Its addresses and its host key may be outputs of another resource of the program. */
export type HostShape = Pick<HostSettings, "name" | "user" | "sudoAsks" | "onRemoval" | "setup">;

/** The fields are picked one by one: a stray property would end up in an error message, beside the private key. */
export function resolveHost(host: AddressedHost, defaults: HostDefaults): HostSettings {
    const user = host.user ?? defaults.user ?? "root";
    return {
        name: host.name,
        address: host.address,
        port: host.port ?? defaults.port ?? 22,
        user,
        sudoAsks: user !== "root" && (defaults.sudoAsks ?? false),
        hostKey: host.hostKey && tidyPublicKey(host.hostKey),
        privateAddress: host.privateAddress ?? host.address,
        secondaryAddress: host.secondaryAddress,
        onRemoval: host.onRemoval ?? defaults.onRemoval ?? OnRemoval.Release,
        setup: resolveSetup([...(defaults.setups ?? []), host]),
    };
}

/** A label's value has no more characters, and the kubelet gives its Node the label `kubernetes.io/hostname`. */
const LONGEST_NAME = 63;

function nameFaults(path: string, name: string | undefined): Fault[] {
    if (!isDnsName(name ?? "") || isLocalName(name ?? "")) {
        const expected =
            "a DNS name: labels of lower-case letters, digits and '-', with dots between them, the last not of digits alone; not localhost";
        return [fault(path, name, expected)];
    }
    if (name!.length <= LONGEST_NAME) return [];
    const expected = `at most ${LONGEST_NAME} characters, because the kubelet's label kubernetes.io/hostname has no more; this has ${name!.length}`;
    return [fault(path, name, expected)];
}

export function validateHost(path: string, host: KnownHostArgs, ssh: SshArgs | undefined): Fault[] {
    const faults = [...nameFaults(`${path}.name`, host.name), ...addressFaults(path, host.address)];
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
    faults.push(...loginFaults(path, host), ...spellingFaults(path, host), ...ownAddressFaults(path, host));
    faults.push(...oneOf(`${path}.onRemoval`, host.onRemoval, OnRemoval), ...setupFaults(path, host));
    if (host.hostKey !== undefined || ssh?.insecureSkipHostKeyCheck !== true) {
        faults.push(...hostKeyFaults(path, host.hostKey, "the host's", keyscan(host, ssh)));
    }
    return faults;
}

function keyscan(host: KnownHostArgs, ssh: SshArgs | undefined): string {
    const { port } = resolveHost(host, ssh ?? {});
    return `ssh-keyscan -t ed25519 ${port === 22 ? "" : `-p ${port} `}<address>`;
}

/** No machine has them as its own address for others. `address` may be a loopback: a tunnel or a forwarded port. */
function ownAddressFaults(path: string, host: AddressedHost): Fault[] {
    const { address, privateAddress, secondaryAddress } = host;
    const places = { address: privateAddress === undefined ? address : undefined, privateAddress, secondaryAddress };
    const special = Object.entries(places).filter(([, value]) => isSpecialAddress(value ?? ""));
    if (address && isUnspecified(address) && privateAddress !== undefined) special.push(["address", address]);
    return special.map(([field, value]) =>
        fault(`${path}.${field}`, value, "an address of the machine, not a loopback, multicast or unspecified one"),
    );
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

/** `address` is the way to the host, and not its own address. */
const isForwarded = ({ address, privateAddress }: AddressedHost): boolean =>
    privateAddress !== undefined && privateAddress !== address;

/** Names, addresses and host keys are a machine's identity: no two may share one. A host may have one address in two of its fields. */
export function validateUnique(hosts: HostAt<AddressedHost>[], ssh: Login = {}): Fault[] {
    const pick = (field: "name" | "hostKey") =>
        hosts.map(({ path, host }) => ({ path: `${path}.${field}`, value: host[field] }));
    const addresses = hosts.flatMap(({ path, host }) =>
        (["address", "privateAddress", "secondaryAddress"] as const)
            .map((field) => ({ path: `${path}.${field}`, value: host[field] }))
            .filter(({ value }, i, all) => all.findIndex((other) => other.value === value) === i)
            .filter(({ path: at }) => at !== `${path}.address` || !isForwarded(host)),
    );
    // One machine may forward ports of its own to several hosts.
    const ways = hosts.map(({ path, host: { address, port = ssh.port ?? 22 } }) => ({
        path: `${path}.address`,
        value: address && `${address}, port ${port}`,
    }));
    const keys = pick("hostKey").map(({ path, value }) => ({
        path,
        value: value && tidyPublicKey(value).split(" ", 2).join(" "),
    }));
    const taken = duplicates(addresses, "an address");
    const isNew = ({ propertyPath }: Fault) => !taken.some((told) => told.propertyPath === propertyPath);
    return [
        ...duplicates(pick("name"), "a name"),
        ...taken,
        ...duplicates(ways, "an address and a port").filter(isNew),
        ...duplicates(keys, "a host key"),
    ];
}
