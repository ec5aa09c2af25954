import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault, listFaults } from "../lib/faults";
import { Bastion, BastionArgs, bastionFaults, resolveBastion } from "./bastion";
import { loginFaults, openKey, privateKeyFaults } from "./login";

/** How hosts are reached over SSH. A host's own values win over the cluster's. */
export interface SshArgs {
    /**
     * The login: root, or a user whom sudo makes root, without a password or with `sudoPassword`.
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
     * names its file instead. Required without `agent`.
     * @kind secret string
     * @change Another key: every step runs again and changes nothing.
     */
    privateKey?: pulumi.Input<string>;
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
     * Logs in with the keys of the SSH agent of `SSH_AUTH_SOCK`, and no private key is in the state. Each `up` and
     * `destroy` then needs an agent with a key for every host; its socket may be another one each time. A preview needs the variable alone. sshd refuses
     * a login after six wrong keys (`MaxAuthTries`).
     * @default false
     * @change Every step runs again and changes nothing.
     */
    agent?: boolean;
    /**
     * The password for which sudo asks the login. It is not used on a host where the login is root, or where sudo does
     * not ask. The inputs of the steps are then secrets, so each host has a resource `…-desired`, whose diff shows what
     * changes.
     * @kind secret string
     * @otherwise sudo must not ask
     * @change Every step runs again and changes nothing.
     */
    sudoPassword?: pulumi.Input<string>;
    /**
     * Accepts any host key. Use it for throwaway hosts only: whoever answers at the address receives the cluster's CA
     * keys.
     * @default false
     * @change Every step runs again and changes nothing.
     */
    insecureSkipHostKeyCheck?: boolean;
    /**
     * The machine that every SSH connection goes through. The Kubernetes API does not: this machine reaches the control
     * plane endpoint itself.
     * @change Every step runs again and changes nothing.
     */
    bastion?: BastionArgs;
}

/** How this machine reaches every host: the keys, without a passphrase. It is a secret. */
export interface SshAccess {
    /** None for the keys of the agent. */
    privateKey?: string;
    /** For the hosts that have `HostSettings.sudoAsks`. */
    sudoPassword?: string;
    bastion?: Bastion;
}

/** The key, the login, the password of sudo and the bastion of all hosts. What comes later is judged when it is known. */
export const sshFaults = (ssh: SshArgs = {}): Fault[] => [
    ...loginFaults("ssh", ssh),
    ...(ssh.agent ? agentFaults(ssh) : privateKeyFaults("ssh", ssh)),
    ...sudoFaults(ssh),
    ...(ssh.bastion ? bastionFaults("ssh.bastion", ssh.bastion, ssh.insecureSkipHostKeyCheck) : []),
];

const agentFaults = ({ privateKey, privateKeyPassphrase }: SshArgs): Fault[] =>
    privateKey === undefined && !privateKeyPassphrase
        ? []
        : [fault("ssh.agent", true, "no agent, because a private key or a passphrase is set")];

// sudo reads one line, and a parameter of a script has no NUL.
const sudoFaults = ({ sudoPassword: password }: SshArgs): Fault[] =>
    typeof password !== "string" || /^[^\0\r\n]+$/.test(password)
        ? []
        : [hiddenFault("ssh.sudoPassword", password ? "a text of several lines" : "an empty text", "a password")];

/** It throws for a value that comes later and is wrong, before any host is dialled. */
export const sshAccess = (ssh: SshArgs): pulumi.Output<SshAccess> =>
    pulumi.secret(
        pulumi.output(ssh).apply((known): SshAccess => {
            const faults = sshFaults(known);
            if (faults.length > 0) throw new pulumi.RunError(listFaults("the SSH options", faults));
            const privateKey = openKey(known);
            const { sudoPassword } = known;
            return {
                privateKey,
                sudoPassword,
                bastion: known.bastion && resolveBastion(known.bastion, known.user, privateKey),
            };
        }),
    );
