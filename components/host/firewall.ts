import { FirewallMode, FirewallSettings } from "../model/firewall";
import { HostSettings } from "../model/hosts";
import { NetworkSettings, splitSubnets } from "../model/network";
import { Opening, openingRows } from "./openings";
import { ValuesOf, flag, list, text } from "./parameters";

/** Of preflight and of every change. */
export const HOST_FIREWALL = {
    FIREWALL: text(
        "`auto`: an active firewall of the host is opened for what its role needs; `none`: no firewall is changed.",
        "none",
    ),
    FIREWALL_HOSTS: list("The networks of the nodes; empty: the networks of the host's own addresses.", []),
    FIREWALL_ADDRESSES: list("The host's addresses.", []),
    FIREWALL_NETWORKS: list("The networks of the pods; empty on a host that is no node.", []),
};

export const FIREWALL_CHECKS = {
    ...HOST_FIREWALL,
    FIREWALL_VRRP: flag("Whether the firewall must be able to admit VRRP.", false),
};

export const FIREWALL_RULES = {
    ...HOST_FIREWALL,
    FIREWALL_OPENINGS: list("`protocol port source`; the source `hosts` stands for the networks of the nodes.", []),
    FIREWALL_PODS_FROM: text("The sources of packets to pods: `any` or `hosts`.", "hosts"),
};

/**
 * The pods' addresses: what comes from a pod is let in and forwarded, what goes to one is forwarded. A Service's address
 * is no packet's source, and as a destination it is a pod's before any filter sees it.
 */
const podNetworks = (network?: NetworkSettings): string[] => (network ? splitSubnets(network.podSubnet) : []);

/** Parameters of preflight: it finds the active firewall, and checks that the firewall can open what is needed. */
export const firewallChecks = (
    { mode, hostSubnets }: FirewallSettings,
    host: HostSettings,
    { network, vrrp = false }: { network?: NetworkSettings; vrrp?: boolean } = {},
): ValuesOf<typeof FIREWALL_CHECKS> => ({
    FIREWALL: mode,
    FIREWALL_HOSTS: hostSubnets,
    FIREWALL_ADDRESSES: addressesOf(host),
    FIREWALL_NETWORKS: podNetworks(network),
    FIREWALL_VRRP: vrrp,
});

/** The firewall's parameters of one host. Without `network` the host is no node, and forwards no packets. */
export const firewallParameters = (
    settings: FirewallSettings,
    host: HostSettings,
    openings: Opening[],
    network?: NetworkSettings,
): ValuesOf<typeof FIREWALL_RULES> =>
    settings.mode === FirewallMode.None
        ? { FIREWALL: settings.mode }
        : {
              FIREWALL: settings.mode,
              FIREWALL_OPENINGS: openingRows(openings),
              FIREWALL_HOSTS: settings.hostSubnets,
              FIREWALL_ADDRESSES: addressesOf(host),
              FIREWALL_NETWORKS: podNetworks(network),
              // A packet for a NodePort has its pod's address by the time ufw sees it, whoever sent it.
              FIREWALL_PODS_FROM: settings.nodePorts ? "any" : "hosts",
          };

const addressesOf = (host: HostSettings): string[] => [
    host.privateAddress,
    ...(host.secondaryAddress ? [host.secondaryAddress] : []),
];
