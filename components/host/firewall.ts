import { FirewallMode, FirewallSettings } from "../model/firewall";
import { HostSettings } from "../model/hosts";
import { NetworkSettings, splitSubnets } from "../model/network";
import { ScriptParameters } from "./contract";
import { Opening, openingLines } from "./openings";

/**
 * The pods' addresses: what comes from a pod is let in and forwarded, what goes to one is forwarded. A Service's address
 * is no packet's source, and as a destination it is a pod's before any filter sees it.
 */
const podNetworks = ({ podSubnet }: NetworkSettings): string => splitSubnets(podSubnet).join(" ");

/** Parameters of preflight: it finds the active firewall, and checks that the firewall can open what is needed. */
export const firewallChecks = (
    { mode, hostSubnets }: FirewallSettings,
    host: HostSettings,
    { network, vrrp = false }: { network?: NetworkSettings; vrrp?: boolean } = {},
): ScriptParameters => ({
    FIREWALL: mode,
    FIREWALL_HOSTS: hostSubnets.join(" "),
    FIREWALL_ADDRESSES: addressesOf(host).join(" "),
    FIREWALL_NETWORKS: network ? podNetworks(network) : "",
    FIREWALL_VRRP: vrrp,
});

/** The firewall's parameters of one host. Without `network` the host is no node, and forwards no packets. */
export const firewallParameters = (
    settings: FirewallSettings,
    host: HostSettings,
    openings: Opening[],
    network?: NetworkSettings,
): ScriptParameters =>
    settings.mode === FirewallMode.None
        ? { FIREWALL: settings.mode }
        : {
              FIREWALL: settings.mode,
              FIREWALL_OPENINGS: openingLines(openings),
              FIREWALL_HOSTS: settings.hostSubnets.join(" "),
              FIREWALL_ADDRESSES: addressesOf(host).join(" "),
              FIREWALL_NETWORKS: network ? podNetworks(network) : "",
              // A packet for a NodePort has its pod's address by the time ufw sees it, whoever sent it.
              FIREWALL_PODS_FROM: settings.nodePorts ? "any" : "hosts",
          };

const addressesOf = (host: HostSettings): string[] => [
    host.privateAddress,
    ...(host.secondaryAddress ? [host.secondaryAddress] : []),
];
