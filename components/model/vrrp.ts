import * as pulumi from "@pulumi/pulumi";
import { Fault, count, fault, seconds, wordFaults } from "../lib/faults";

export interface VrrpArgs {
    /**
     * keepalived's VRRP id, 1 to 255, unique among the keepalived clusters of a network.
     * @asType integer
     * @default 51
     * @change Rolled out host by host.
     */
    virtualRouterId?: number;
    /**
     * The time between advertisements. The other hosts notice a lost holder after about three.
     * @kind seconds
     * @default 1
     * @change Rolled out host by host.
     */
    advertInterval?: number;
    /**
     * Advertises to the multicast group instead of to each host. Clouds and many switches drop multicast.
     * @default false
     * @change Rolled out host by host.
     */
    multicast?: boolean;
    /**
     * One to eight letters and digits. It selects VRRP version 2: IPv4 and whole seconds. It keeps misconfigured
     * neighbours out, not attackers: it travels in clear text.
     * @kind secret string
     * @change Rolled out host by host.
     */
    password?: pulumi.Input<string>;
}

/** VRRP's own defaults (keepalived.conf(5)). */
export const VRRP_DEFAULTS = { virtualRouterId: 51, advertInterval: 1, multicast: false } as const;

/** keepalived's arguments with every default filled in. */
export type VrrpSettings = Required<Omit<VrrpArgs, "password">> & {
    /** The password itself is one of `ClusterSecrets`. */
    hasPassword: boolean;
};

export const resolveVrrp = ({ password, ...args }: VrrpArgs = {}): VrrpSettings => ({
    ...VRRP_DEFAULTS,
    ...args,
    hasPassword: password !== undefined,
});

export function vrrpFaults(at: string, vrrp: VrrpArgs, virtualAddress = ""): Fault[] {
    const { password } = vrrp;
    const { advertInterval } = resolveVrrp(vrrp);
    return [
        ...count(`${at}.virtualRouterId`, vrrp.virtualRouterId, 1, 255),
        ...seconds(`${at}.advertInterval`, advertInterval, 0.1, 40),
        ...wordFaults(`${at}.password`, password, /^[A-Za-z0-9]{1,8}$/, "1 to 8 letters and digits"),
        ...(password !== undefined && !Number.isInteger(advertInterval)
            ? [fault(`${at}.advertInterval`, advertInterval, "whole seconds, because a password needs VRRP version 2")]
            : []),
        ...(password !== undefined && virtualAddress.includes(":")
            ? [
                  fault(
                      `${at}.password`,
                      "a secret",
                      "none, because virtualAddress is IPv6, and VRRP has passwords for IPv4 only",
                  ),
              ]
            : []),
    ];
}
