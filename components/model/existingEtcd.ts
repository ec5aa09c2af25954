import * as pulumi from "@pulumi/pulumi";
import { Fault, fault, hiddenFault } from "../lib/faults";
import { isUrl } from "../lib/forms";
import { isCertificate, parseCertificate, parsePrivateKey } from "../lib/pem";
import { HostSettings } from "./hosts";

/** How kube-apiserver reaches an etcd that somebody else runs. */
export interface ExistingEtcdArgs {
    /**
     * Of an existing etcd: its client URLs, `https://…:2379`.
     * @change Rolled out over the control plane. It must be the same etcd.
     */
    endpoints?: string[];
    /**
     * Of an existing etcd: the CA that signed its servers' certificates; in a stack's configuration also `caFile`.
     * @kind PEM
     * @change Another CA: rolled out; kube-apiserver restarts.
     */
    caCertificate?: pulumi.Input<string>;
    /**
     * Of an existing etcd: the client certificate of kube-apiserver; in a stack's configuration also `certFile`.
     * @kind PEM
     * @change Rolled out without a restart.
     */
    clientCertificate?: pulumi.Input<string>;
    /**
     * Of an existing etcd: the key of that certificate; in a stack's configuration also `keyFile`.
     * @kind secret PEM
     * @change Rolled out without a restart.
     */
    clientKey?: pulumi.Input<string>;
}

/** An existing etcd is not on the hosts of the cluster: their ports and folders are the cluster's. */
export const ownEndpointFaults = (endpoints: string[], hosts: HostSettings[]): Fault[] =>
    endpoints.flatMap((url, i) => {
        const name = /^https?:\/\/\[?([^\]/]*?)\]?(:\d+)?$/.exec(url)?.[1] ?? "";
        const own = hosts.find((host) => [host.address, host.privateAddress, host.secondaryAddress].includes(name));
        return own
            ? [fault(`etcd.endpoints[${i}]`, url, `an etcd on another machine; ${own.name} is a host of this cluster`)]
            : [];
    });

export function existingFaults({ endpoints, ...etcd }: ExistingEtcdArgs): Fault[] {
    const faults: Fault[] = [];
    if (!Array.isArray(endpoints) || endpoints.length === 0) {
        faults.push(fault("etcd.endpoints", endpoints, "the client URLs of the existing etcd, 'https://…:2379'"));
    } else {
        endpoints.forEach((url, i) => {
            if (!(isUrl(url) && /^https:\/\/[^/@]+:\d+$/.test(url))) {
                faults.push(fault(`etcd.endpoints[${i}]`, url, "https://<host>:<port>"));
            }
        });
    }
    return [...faults, ...credentialFaults(etcd)];
}

const NEEDED = { caCertificate: "caFile", clientCertificate: "certFile", clientKey: "keyFile" } as const;

/** An output's value is not known yet, and not judged. */
function credentialFaults(etcd: ExistingEtcdArgs): Fault[] {
    const { caCertificate, clientCertificate: certificate, clientKey: key } = etcd;
    const faults = Object.entries(NEEDED)
        .filter(([name]) => !etcd[name as keyof typeof NEEDED])
        .map(([name, file]) => fault(`etcd.${name}`, undefined, `PEM, or ${file} in a stack's configuration`));
    for (const [name, pem] of Object.entries({ caCertificate, clientCertificate: certificate })) {
        if (typeof pem === "string" && pem && !isCertificate(pem)) {
            faults.push(hiddenFault(`etcd.${name}`, "no certificate", "a certificate, PEM"));
        }
    }
    if (typeof key !== "string" || !key) return faults;
    const parsed = parsePrivateKey(key);
    if (!parsed) {
        faults.push(hiddenFault("etcd.clientKey", "no private key", "a key in PEM, without a passphrase"));
    } else if (typeof certificate === "string" && parseCertificate(certificate)?.checkPrivateKey(parsed) === false) {
        faults.push(hiddenFault("etcd.clientKey", "the key of another certificate", "that of clientCertificate"));
    }
    return faults;
}
