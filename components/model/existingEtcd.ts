import * as pulumi from "@pulumi/pulumi";
import { Fault, fault } from "../lib/faults";

/** How kube-apiserver reaches an etcd that somebody else runs. */
export interface ExistingEtcdArgs {
    /** For an existing etcd: its client URLs, `https://…:2379`. A change is rolled out over the control plane; it must be the same etcd. */
    endpoints?: string[];
    /** For an existing etcd: the CA that signed its servers' certificates, PEM. A new one restarts kube-apiserver, node by node. In a stack's configuration also `caFile`. */
    caCertificate?: pulumi.Input<string>;
    /** For an existing etcd: the client certificate that kube-apiserver shows, PEM. A new one is rolled out. Also `certFile`. */
    clientCertificate?: pulumi.Input<string>;
    /** Its key, PEM, kept as a secret. Also `keyFile`. */
    clientKey?: pulumi.Input<string>;
}

export function existingFaults({ endpoints, ...etcd }: ExistingEtcdArgs): Fault[] {
    const faults: Fault[] = [];
    if (!Array.isArray(endpoints) || endpoints.length === 0) {
        faults.push(fault("etcd.endpoints", endpoints, "the client URLs of the existing etcd, 'https://…:2379'"));
    } else {
        endpoints.forEach((url, i) => {
            if (!/^https:\/\/(\[[0-9a-f:]+\]|[\w.-]+):\d+$/.test(url)) {
                faults.push(fault(`etcd.endpoints[${i}]`, url, "https://<host>:<port>"));
            }
        });
    }
    const needed = { caCertificate: "caFile", clientCertificate: "certFile", clientKey: "keyFile" } as const;
    for (const [name, file] of Object.entries(needed)) {
        if (!etcd[name as keyof typeof needed]) {
            faults.push(fault(`etcd.${name}`, undefined, `PEM, or ${file} in a stack's configuration`));
        }
    }
    return faults;
}
