import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, listFaults } from "../lib/faults";
import { Bastion, BastionArgs, bastionFaults, resolveBastion } from "./bastion";
import { loginFaults, openKey, privateKeyFaults } from "./login";

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
     * `destroy` then needs an agent with a key for every host; its socket may be another one each time. sshd refuses
     * a login after six wrong keys (`MaxAuthTries`).
     * @default false
     * @change Every step runs again and changes nothing.
     */
    agent?: boolean;
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
    bastion?: Bastion;
}

/** The key, the login and the bastion of all hosts. What comes later is judged when it is known. */
export const sshFaults = (ssh: SshArgs = {}): Fault[] => [
    ...loginFaults("ssh", ssh),
    ...(ssh.agent ? agentFaults(ssh) : privateKeyFaults("ssh", ssh)),
    ...(ssh.bastion ? bastionFaults("ssh.bastion", ssh.bastion, ssh.insecureSkipHostKeyCheck) : []),
];

const agentFaults = ({ privateKey, privateKeyPassphrase }: SshArgs): Fault[] =>
    privateKey === undefined && !privateKeyPassphrase
        ? []
        : [fault("ssh.agent", true, "no agent, because a private key or a passphrase is set")];

/** It throws for a value that comes later and is wrong, before any host is dialled. */
export const sshAccess = (ssh: SshArgs): pulumi.Output<SshAccess> =>
    pulumi.secret(
        pulumi.output(ssh).apply((known): SshAccess => {
            const faults = sshFaults(known);
            if (faults.length > 0) throw new pulumi.RunError(listFaults("the SSH options", faults));
            const privateKey = openKey(known);
            return { privateKey, bastion: known.bastion && resolveBastion(known.bastion, known.user, privateKey) };
        }),
    );
