import * as pulumi from "@pulumi/pulumi";
import { isIP } from "net";
import { Fault, fault, hiddenFault } from "../lib/faults";
import { isDnsName, isPort } from "../lib/forms";
import { openPrivateKey } from "../lib/openPrivateKey";
import { WITH_PASSPHRASE, isPublicKey, privateKeyProblem, tidyPrivateKey, tidyPublicKey } from "../lib/sshKeys";

/** How one machine is logged in to: a host, or the bastion. */

/** Who logs in, for all hosts that do not say otherwise. */
export interface Login {
    user?: string;
    port?: number;
}

/** With what: a private key and its passphrase. */
export interface KeyArgs {
    privateKey?: pulumi.Input<string>;
    privateKeyPassphrase?: pulumi.Input<string>;
}

/** No option of ssh, and no blank. A directory's users may be `name@domain` or `DOMAIN\\name`. */
const USER = /^[A-Za-z0-9_][\w.@\\-]*\$?$/;

/** A login, of a host or of all of them. */
export const loginFaults = (path: string, { user, port }: Login): Fault[] => [
    ...(user === undefined || USER.test(user) ? [] : [fault(`${path}.user`, user, "a user's name on the host")]),
    ...(port === undefined || isPort(port) ? [] : [fault(`${path}.port`, port, "a port, 1 to 65535")]),
];

export const addressFaults = (path: string, address: string | undefined): Fault[] =>
    isIP(address ?? "") || isDnsName(address ?? "")
        ? []
        : [fault(`${path}.address`, address, "an IP address or a DNS name")];

/** The key that is pinned; `whose` and the command that shows it are for the message. */
export function hostKeyFaults(path: string, hostKey: string | undefined, whose: string, keyscan: string): Fault[] {
    const at = `${path}.hostKey`;
    if (hostKey === undefined) {
        return [
            fault(at, undefined, `${whose} public key, as '${keyscan}' prints it, in hostKey or the known_hosts file`),
        ];
    }
    const expected =
        "the whole public key, '<type> <base64>' as in known_hosts, e.g. 'ssh-ed25519 AAAA…'; a fingerprint is not enough";
    return isPublicKey(tidyPublicKey(hostKey)) ? [] : [fault(at, hostKey, expected)];
}

/** Judged where they are plain yet, and never shown. The key's path is that of its file, where it has one. */
export function privateKeyFaults(at: string, args: KeyArgs, keyAt = `${at}.privateKey`): Fault[] {
    const { privateKey: key, privateKeyPassphrase: passphrase = "" } = args;
    const expected =
        "a private key: in OpenSSH's format (ssh-keygen -p -Z aes256-ctr writes it), or an RSA or ECDSA key in PEM";
    if (!key) return [fault(keyAt, undefined, expected)];
    if (typeof key !== "string") return [];
    const problem = privateKeyProblem(key);
    if (problem !== undefined && problem !== WITH_PASSPHRASE) return [hiddenFault(keyAt, problem, expected)];
    if (typeof passphrase !== "string") return [];
    const passphraseAt = `${at}.privateKeyPassphrase`;
    if (problem === undefined) {
        return passphrase ? [hiddenFault(passphraseAt, "a passphrase", "none, because the private key has none")] : [];
    }
    if (!passphrase) return [hiddenFault(keyAt, problem, `its passphrase in ${passphraseAt}, or a key without one`)];
    const privateKey = openPrivateKey(key, passphrase);
    if (privateKey !== undefined) return privateKeyFaults(at, { privateKey }, keyAt);
    return [hiddenFault(passphraseAt, "a text that does not open the private key", "its passphrase")];
}

/** The key of every login after this: without a passphrase, and without what stands around it in its file. */
export const openKey = ({ privateKey, privateKeyPassphrase: passphrase }: pulumi.Unwrap<KeyArgs>) =>
    privateKey && tidyPrivateKey((passphrase && openPrivateKey(privateKey, passphrase)) || privateKey);
