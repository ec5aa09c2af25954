import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault, pathOf } from "../lib/faults";
import { isHostPort } from "../lib/forms";
import { isCertificate } from "../lib/pem";

/** How a registry, or a mirror of one, is spoken to. A change reaches the next pull; nothing is restarted. */
export interface RegistryArgs {
    /**
     * The user at a registry or mirror.
     * @change The next pull uses it; nothing restarts.
     */
    username?: string;
    /**
     * The user's password, in a file that root alone reads.
     * @kind secret string
     * @change The next pull uses it; nothing restarts.
     */
    password?: pulumi.Input<string>;
    /**
     * The CA that signed the registry's certificate; in a stack's configuration also `caFile`.
     * @kind PEM
     * @otherwise the host's CAs
     * @change The next pull uses it; nothing restarts.
     */
    caCertificate?: string;
}

/** The password itself is one of `ClusterSecrets`. */
export type RegistrySettings = Omit<RegistryArgs, "password">;

export function registryFaults([host, { username, password, caCertificate }]: [string, RegistryArgs]): Fault[] {
    const path = pathOf(["sources", "registries", host]);
    const faults: Fault[] = [];
    if (!isHostPort(host)) faults.push(fault(path, host, "a registry's host, or host:port"));
    if (username !== undefined && !/^[^\s:"\\]+$/.test(username)) {
        faults.push(fault(`${path}.username`, username, "a name without blanks, quotes and ':'"));
    }
    if (username !== undefined && password === undefined) {
        faults.push(fault(`${path}.password`, undefined, "the password, as a secret, because username is set"));
    }
    if (username === undefined && password !== undefined) {
        faults.push(fault(`${path}.username`, undefined, "the username, because password is set"));
    }
    if (caCertificate !== undefined && !isCertificate(caCertificate)) {
        faults.push(hiddenFault(`${path}.caCertificate`, "no certificate", "a certificate, PEM"));
    }
    return faults;
}
