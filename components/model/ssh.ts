import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault, listFaults } from "../lib/faults";
import { isPort } from "../lib/forms";
import { openPrivateKey } from "../lib/openPrivateKey";
import { WITH_PASSPHRASE, privateKeyProblem } from "../lib/sshKeys";

/** How hosts are reached over SSH. A host's own values win over the cluster's. */
export interface SshArgs {
    /**
     * The login: root, or a user with passwordless sudo.
     * @default "root"
     * @change Every step runs again and changes nothing.
     */
    user?: string;
    /**
     * The port of sshd.
     * @asType integer
     * @default 22
     * @change Every step runs again and changes nothing.
     */
    port?: number;
    /**
     * The private key itself, in OpenSSH's format, or RSA or ECDSA in PEM; in a stack's configuration `privateKeyFile`
     * names its file instead.
     * @kind secret string
     * @change Another key: every step runs again and changes nothing.
     */
    privateKey: pulumi.Input<string>;
    /**
     * The passphrase of the private key. The program opens the key with it when it starts, and the state holds the
     * opened key, as a secret, since the delete of a host needs it.
     * @kind secret string
     * @otherwise the key has none
     * @change Another passphrase of the same key: nothing. A key that gets its first one, or loses it: every step runs
     * again and changes nothing.
     */
    privateKeyPassphrase?: pulumi.Input<string>;
    /**
     * Accepts any host key. Use it for throwaway hosts only: whoever answers at the address receives the cluster's CA
     * keys.
     * @default false
     * @change Every step runs again and changes nothing.
     */
    insecureSkipHostKeyCheck?: boolean;
}

/** How a user logs in, for all hosts that do not say otherwise. */
export type Login = Pick<SshArgs, "user" | "port">;

/** No option of ssh, and no blank. A directory's users may be `name@domain` or `DOMAIN\\name`. */
const USER = /^[A-Za-z0-9_][\w.@\\-]*\$?$/;

/** The key and the login of all hosts. */
export const sshFaults = (ssh: Partial<SshArgs> = {}): Fault[] => [
    ...loginFaults("ssh", ssh),
    ...privateKeyFaults("ssh", ssh),
];

/** A login, of a host or of all of them. */
export const loginFaults = (path: string, { user, port }: Login): Fault[] => [
    ...(user === undefined || USER.test(user) ? [] : [fault(`${path}.user`, user, "a user's name on the host")]),
    ...(port === undefined || isPort(port) ? [] : [fault(`${path}.port`, port, "a port, 1 to 65535")]),
];

/** A private key and its passphrase, of the hosts' login. */
type KeyArgs = Pick<SshArgs, "privateKey" | "privateKeyPassphrase">;

/** Judged where they are plain yet, and never shown. The key's path is that of its file, where it has one. */
export function privateKeyFaults(at: string, args: Partial<KeyArgs>, keyAt = `${at}.privateKey`): Fault[] {
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

/** The key of every login after this: without a passphrase. Throws for a value that comes late and is wrong. */
export const openedKey = ({ privateKey, privateKeyPassphrase }: KeyArgs): pulumi.Output<string> =>
    pulumi.secret(
        pulumi.all([privateKey, privateKeyPassphrase]).apply(([key, passphrase]) => {
            const faults = privateKeyFaults("ssh", { privateKey: key, privateKeyPassphrase: passphrase });
            if (faults.length > 0) throw new pulumi.RunError(listFaults("the SSH key", faults));
            return passphrase ? openPrivateKey(key, passphrase)! : key;
        }),
    );
