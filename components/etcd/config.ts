import { stringify } from "yaml";
import { hostPort } from "../lib/addresses";
import { PORTS } from "../lib/ports";
import { clientUrl } from "../model/etcd";
import { EtcdOptions, EtcdOptionsArgs, definedOptions } from "../model/etcdOptions";
import { HostSettings } from "../model/hosts";

/** Where a member that is not kubeadm's keeps its configuration and certificates. */
export const ETCD_FOLDER = "/etc/etcd";

/** Options by the names of etcd's flags, which are those of its configuration file too. The data directory has a place of its own. */
export function etcdFlags(options: EtcdOptionsArgs): Record<string, string | number> {
    const { listenMetricsUrls, autoCompactionRetention, ...plain } = definedOptions({ ...options, dataDir: undefined });
    return {
        ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [flagName(name), value])),
        // A text to etcd, even where it is a number of revisions.
        ...(autoCompactionRetention === undefined
            ? {}
            : { "auto-compaction-retention": String(autoCompactionRetention) }),
        ...(listenMetricsUrls ? { "listen-metrics-urls": listenMetricsUrls.join(",") } : {}),
    };
}

const flagName = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** etcd's configuration file (`--config-file`), but for the initial cluster, which the host finds out from its peers. */
export function etcdConfig(host: HostSettings, options: EtcdOptions): string {
    const { privateAddress: address } = host;
    const peerUrl = `https://${hostPort(address, PORTS.etcdPeer)}`;
    return stringify(
        {
            name: host.name,
            "data-dir": options.dataDir,
            "listen-peer-urls": peerUrl,
            "listen-client-urls": `${clientUrl(address)},${clientUrl("127.0.0.1")}`,
            "advertise-client-urls": clientUrl(address),
            "initial-advertise-peer-urls": peerUrl,
            "client-transport-security": transport("server"),
            "peer-transport-security": transport("peer"),
            ...etcdFlags(options),
        },
        { lineWidth: 0 },
    );
}

const transport = (certificate: string) => ({
    "cert-file": `${ETCD_FOLDER}/pki/${certificate}.crt`,
    "key-file": `${ETCD_FOLDER}/pki/${certificate}.key`,
    "trusted-ca-file": `${ETCD_FOLDER}/pki/ca.crt`,
    "client-cert-auth": true,
});

/** `name=address` of all members but this one. */
export const etcdPeers = (members: HostSettings[], self: HostSettings): string[] =>
    members.filter((member) => member.name !== self.name).map((member) => `${member.name}=${member.privateAddress}`);
