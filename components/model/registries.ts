import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault, pathOf } from "../lib/faults";
import { isHostPort, isUrl } from "../lib/forms";
import { isCertificate } from "../lib/pem";

/** How a registry, or a mirror of one, is spoken to. A change reaches the next pull; nothing is restarted. */
export interface RegistryArgs {
    /**
     * The user at a registry or mirror.
     * @change The next pull uses it; nothing restarts.
     */
    username?: string;
    /**
     * The user's password. On a host it is in two files, which root alone reads.
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

/** A registry and its mirror. containerd reads them from a folder and a file of the registry's name. */
export function mirrorFaults([registry, url]: [string, string]): Fault[] {
    const at = pathOf(["sources", "registryMirrors", registry]);
    return [
        ...(isHostPort(registry) || registry === "_default"
            ? []
            : [fault(at, registry, "a registry's host, or host:port")]),
        ...mirrorUrlFaults(at, url),
    ];
}

/**
 * containerd appends /v2 to a URL without a path, and takes a path as it is where hosts.toml says `override_path`. Its requests begin with
 * /v2/ or end in it, by the registry: /v2/<project> (Harbor, Artifactory, GitLab), /repository/<name>/v2 (Nexus).
 */
function mirrorUrlFaults(at: string, url: string): Fault[] {
    // A password in it would be no secret: `registries` has one. containerd drops a query and a fragment.
    if (!isUrl(url) || /[@?#{}$]/.test(url)) {
        return [fault(at, url, "an http:// or https:// URL without credentials, query and fragment")];
    }
    const { origin, pathname } = new URL(url);
    const path = pathname.replace(/\/+$/, "");
    if (path === "" || path.split("/").includes("v2")) return [];
    const expected = `the root of the mirror's API, which has "v2" in its path: '${origin}/v2${path}' (Harbor, Artifactory) or '${origin}${path}/v2' (Nexus)`;
    return [fault(at, url, expected)];
}
