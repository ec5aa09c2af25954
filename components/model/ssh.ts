import * as pulumi from "@pulumi/pulumi";

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

/** How a user logs in, for all hosts that do not say otherwise. */
export type Login = Pick<SshArgs, "user" | "port">;
