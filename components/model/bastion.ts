import * as pulumi from "@pulumi/pulumi";
import { Fault } from "../lib/faults";
import { tidyPublicKey } from "../lib/sshKeys";
import { addressFaults, hostKeyFaults, loginFaults, openKey, privateKeyFaults } from "./login";

/** A machine on the way to all hosts, which forwards connections to them (`AllowTcpForwarding`, sshd's default). */
export interface BastionArgs {
    /**
     * The bastion's address or DNS name. The hosts' own addresses are those at which the bastion reaches them.
     * @change Every step runs again and changes nothing.
     */
    address: pulumi.Input<string>;
    /**
     * The port of the bastion's sshd.
     * @asType integer
     * @default 22
     * @change Every step runs again and changes nothing.
     */
    port?: number;
    /**
     * The login on the bastion. It needs no shell.
     * @otherwise `ssh.user`
     * @change Every step runs again and changes nothing.
     */
    user?: string;
    /**
     * The private key for the bastion; in a stack's configuration `privateKeyFile` names its file instead.
     * @kind secret string
     * @otherwise the hosts' key, or the agent's
     * @change Another key: every step runs again and changes nothing.
     */
    privateKey?: pulumi.Input<string>;
    /**
     * The passphrase of the bastion's own private key.
     * @kind secret string
     * @otherwise the key has none
     * @change As for `ssh.privateKeyPassphrase`.
     */
    privateKeyPassphrase?: pulumi.Input<string>;
    /**
     * The bastion's public SSH key, `<type> <base64>`, the only one accepted from it; ed25519 is preferred.
     * @otherwise from `ssh.knownHostsFile`
     * @change Every step runs again and changes nothing.
     */
    hostKey?: pulumi.Input<string>;
}

/** A bastion with every default filled in. */
export interface Bastion {
    address: string;
    port: number;
    user: string;
    /** None for the keys of the agent. */
    privateKey?: string;
    /** Any key is accepted where there is none. */
    hostKey?: string;
}

export const BASTION_PORT = 22;

/** Of values that are known; another resource of the program may produce the others. */
export function bastionFaults(at: string, bastion: BastionArgs, anyHostKey = false): Fault[] {
    const { address, hostKey, privateKey, privateKeyPassphrase } = bastion;
    const keyscan = "ssh-keyscan -t ed25519 <address>";
    return [
        ...loginFaults(at, bastion),
        ...(isLate(address) ? [] : addressFaults(at, address)),
        ...(isLate(hostKey) || (hostKey === undefined && anyHostKey)
            ? []
            : hostKeyFaults(at, hostKey, "the bastion's", keyscan)),
        ...(privateKey === undefined && !privateKeyPassphrase ? [] : privateKeyFaults(at, bastion)),
    ];
}

const isLate = (value: pulumi.Input<string> | undefined): value is Exclude<typeof value, string | undefined> =>
    typeof value === "object";

export const resolveBastion = (
    bastion: pulumi.Unwrap<BastionArgs>,
    user: string | undefined,
    hostsKey: string | undefined,
): Bastion => ({
    address: bastion.address,
    port: bastion.port ?? BASTION_PORT,
    user: bastion.user ?? user ?? "root",
    privateKey: openKey(bastion) ?? hostsKey,
    hostKey: bastion.hostKey && tidyPublicKey(bastion.hostKey),
});
