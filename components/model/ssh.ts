import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault } from "../lib/faults";
import { isPort } from "../lib/forms";
import { privateKeyProblem } from "../lib/sshKeys";

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

/** No option of ssh, and no blank. A directory's users may be `name@domain` or `DOMAIN\\name`. */
const USER = /^[A-Za-z0-9_][\w.@\\-]*\$?$/;

/** A login, of a host or of all of them. */
export const loginFaults = (path: string, { user, port }: Login): Fault[] => [
    ...(user === undefined || USER.test(user) ? [] : [fault(`${path}.user`, user, "a user's name on the host")]),
    ...(port === undefined || isPort(port) ? [] : [fault(`${path}.port`, port, "a port, 1 to 65535")]),
];

/** Judged where it is plain yet, and never shown; `path` names the key or its file. */
export function privateKeyFaults(path: string, key: pulumi.Input<string> | undefined): Fault[] {
    const problem = typeof key === "string" ? privateKeyProblem(key) : undefined;
    const expected = "a private key without a passphrase: in OpenSSH's format, or an RSA or ECDSA key in PEM";
    if (!key) return [fault(path, undefined, expected)];
    return problem === undefined ? [] : [hiddenFault(path, problem, expected)];
}
