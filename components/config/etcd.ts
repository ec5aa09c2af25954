import { stringify } from "yaml";
import { PORTS } from "../constants";
import { privateAddressOf } from "../remote/connection";
import { HostArgs } from "../types";

/** Where a systemd member keeps its files. */
export const ETCD_FOLDER = "/etc/etcd";
export const ETCD_DATA = "/var/lib/etcd/member-data";

/** etcd's configuration file (`--config-file`), but for the initial cluster, which the host finds out from its peers. */
export function etcdConfig(host: HostArgs, options: { token: string; quotaBackendBytes?: number }): string {
    const address = privateAddressOf(host);
    const at = address.includes(":") ? `[${address}]` : address;
    const transport = {
        "cert-file": `${ETCD_FOLDER}/member.crt`,
        "key-file": `${ETCD_FOLDER}/member.key`,
        "trusted-ca-file": `${ETCD_FOLDER}/ca.crt`,
        "client-cert-auth": true,
    };
    return stringify(
        {
            name: host.name,
            "data-dir": ETCD_DATA,
            "listen-peer-urls": `https://${at}:${PORTS.etcdPeer}`,
            "listen-client-urls": `https://${at}:${PORTS.etcdClient},https://127.0.0.1:${PORTS.etcdClient}`,
            "advertise-client-urls": `https://${at}:${PORTS.etcdClient}`,
            "initial-advertise-peer-urls": `https://${at}:${PORTS.etcdPeer}`,
            "initial-cluster-token": options.token,
            "client-transport-security": transport,
            "peer-transport-security": transport,
            ...(options.quotaBackendBytes ? { "quota-backend-bytes": options.quotaBackendBytes } : {}),
        },
        { lineWidth: 0 },
    );
}

/** "name=address …" of all members but this one, as the scripts read it. */
export const etcdPeers = (members: HostArgs[], self: HostArgs): string =>
    members
        .filter((member) => member.name !== self.name)
        .map((member) => `${member.name}=${privateAddressOf(member)}`)
        .join(" ");
