import * as pulumi from "@pulumi/pulumi";
import { checksumText } from "./binaries";
import { etcdConfig, etcdPeers } from "./config/etcd";
import { etcdPod } from "./config/etcdPod";
import { ETCD_CLIENT, CERTIFICATE_VALIDITY_HOURS } from "./constants";
import { EtcdMemberSettings, memberLayout } from "./etcdSettings";
import { Certificate, fingerprint, signedCertificate } from "./pki";
import { privateAddressOf } from "./remote/connection";
import { digest, ScriptParameters } from "./remote/parameters";
import { EtcdRuntime, HostArgs } from "./types";

/** What a host with a member that is not kubeadm's needs to know; a control plane node carries it with its own parameters. */
export function memberParameters(etcd: EtcdMemberSettings, host: HostArgs): ScriptParameters {
    const config = etcdConfig(host, etcd.options);
    const run = {
        ETCD_CONFIG: config,
        ...(etcd.runtime === EtcdRuntime.Systemd
            ? programParameters(etcd)
            : { ETCD_IMAGE: etcd.image, ETCD_POD: etcdPod(etcd.image, config, etcd.options) }),
    };
    return {
        ...run,
        ...membershipParameters(etcd, host),
        ETCD_RUNTIME: etcd.runtime === EtcdRuntime.Systemd ? "systemd" : "static-pod",
        ETCD_LAYOUT: memberLayout(etcd),
        // Who else is a member is no reason to restart one.
        ETCD_DIGEST: digest(run),
    };
}

/** The members that a member asks, and starts together with. */
export const membershipParameters = (
    { members, options }: Pick<EtcdMemberSettings, "members" | "options">,
    host: HostArgs,
): ScriptParameters => ({
    ETCD_NAME: host.name,
    ETCD_ADDRESS: privateAddressOf(host),
    ETCD_PEERS: etcdPeers(members, host),
    ETCD_DATA: options.dataDir,
});

const programParameters = ({ source }: EtcdMemberSettings): ScriptParameters =>
    source.package
        ? { ETCD_PACKAGE: source.package }
        : {
              ETCD_ARCHIVE: source.uri ?? "",
              ETCD_SHA256: checksumText(source.sha256 ?? {}),
          };

/** What a client of an etcd shows and trusts. */
export interface EtcdClient {
    caCertificate: pulumi.Input<string>;
    certificate: pulumi.Input<string>;
    privateKey: pulumi.Input<string>;
}

/**
 * For a member, as secrets. Its certificates are made on its host, and the CA's key is not kept there. The client's
 * certificate tells the time: the `up` that renews it makes every member renew its own.
 */
export const memberSecrets = (
    ca: Certificate,
    client: Pick<EtcdClient, "certificate">,
): pulumi.Output<ScriptParameters> =>
    pulumi.secret(
        pulumi
            .all([ca.certificate, ca.privateKey, client.certificate])
            .apply(([cert, key, clientCert]): ScriptParameters => ({
                PKI_ETCD_CA_CERT: cert.trimEnd(),
                PKI_ETCD_CA_KEY: key.trimEnd(),
                ETCD_CERTIFICATES: fingerprint(clientCert),
            })),
    );

/** For an apiserver, as secrets. */
export const clientSecrets = ({
    caCertificate,
    certificate,
    privateKey,
}: EtcdClient): pulumi.Output<ScriptParameters> =>
    pulumi.secret(
        pulumi.all([caCertificate, certificate, privateKey]).apply(([ca, cert, key]): ScriptParameters => ({
            PKI_ETCD_CA_CERT: ca.trimEnd(),
            PKI_ETCD_CLIENT_CERT: cert.trimEnd(),
            PKI_ETCD_CLIENT_KEY: key.trimEnd(),
        })),
    );

export const clientCertificate = (
    name: string,
    ca: Certificate,
    opts: { parent: pulumi.Resource },
    commonName: string = ETCD_CLIENT.commonName,
): Certificate =>
    signedCertificate(
        name,
        { ca, commonName, usages: ["client_auth"], validityHours: CERTIFICATE_VALIDITY_HOURS },
        opts,
    );
