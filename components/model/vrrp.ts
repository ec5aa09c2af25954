import * as pulumi from "@pulumi/pulumi";
import { Fault, count, fault, seconds, wordFaults } from "../lib/faults";

export interface VrrpArgs {
    /** VRRP's id, 1 to 255: unique among the keepalived clusters of one network. @default 51 */
    virtualRouterId?: number;
    /** Seconds between advertisements; a holder that is lost is noticed after about three of them. @default 1 */
    advertInterval?: number;
    /** Advertise to the group's multicast address, not to each host. Clouds and many switches drop multicast. @default false */
    multicast?: boolean;
    /**
     * A word of up to eight letters and digits that advertisements carry; a secret. It keeps a misconfigured neighbour out, not an
     * attacker: it travels readably. VRRP 3 has none, so with it version 2 is spoken: IPv4, and whole seconds in `advertInterval`.
     * @default none
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
