import * as pulumi from "@pulumi/pulumi";

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
     * The private key itself (PEM, without a passphrase); in a stack's configuration `privateKeyFile` names its file
     * instead.
     * @kind secret string
     * @change Another key: every step runs again and changes nothing.
     */
    privateKey: pulumi.Input<string>;
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
