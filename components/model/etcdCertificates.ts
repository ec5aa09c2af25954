import { Fault } from "../lib/faults";
import { sanFaults } from "./controlPlaneEndpoint";

/** Further names of etcd's members, with the names of kubeadm's fields (kubeadm.k8s.io/v1beta4, LocalEtcd). */
export interface EtcdCertificateArgs {
    /**
     * Further names and addresses in the server certificate of every member, for clients that call it by them, for
     * example by a public address. Its name, its private address and loopback are always in it.
     * @default []
     * @change New certificates: stacked, rolled out over the control plane; external, without a restart.
     */
    serverCertSANs?: string[];
    /**
     * The same for the certificate that a member shows to other members.
     * @default []
     * @change As for `serverCertSANs`.
     */
    peerCertSANs?: string[];
}

export type EtcdCertificateSettings = Required<EtcdCertificateArgs>;

export const resolveEtcdCertificates = ({
    serverCertSANs = [],
    peerCertSANs = [],
}: EtcdCertificateArgs): EtcdCertificateSettings => ({ serverCertSANs, peerCertSANs });

export const etcdCertificateFaults = (path: string, args: EtcdCertificateArgs): Fault[] =>
    (["serverCertSANs", "peerCertSANs"] as const).flatMap((key) => sanFaults(`${path}${key}`, args[key] ?? []));
