import { Fault, count, fault } from "../lib/faults";

/** Leader election as client-go has it: leaseDuration > renewDeadline > retryPeriod, whole seconds. */
export interface KubeVipArgs {
    /**
     * The time after which another node may take a lease that its holder has not renewed.
     * @kind seconds
     * @default 5
     * @change Rolled out node by node.
     */
    leaseDuration?: number;
    /**
     * The time within which the holder must renew the lease.
     * @kind seconds
     * @default 3
     * @change Rolled out node by node.
     */
    renewDeadline?: number;
    /**
     * The time between two attempts.
     * @kind seconds
     * @default 1
     * @change Rolled out node by node.
     */
    retryPeriod?: number;
}

/** The leases that kube-vip's documentation uses. */
export const KUBE_VIP_DEFAULTS = { leaseDuration: 5, renewDeadline: 3, retryPeriod: 1 } as const;

export const resolveKubeVip = (args: KubeVipArgs = {}): Required<KubeVipArgs> => ({ ...KUBE_VIP_DEFAULTS, ...args });

export function leaseFaults(at: string, given: KubeVipArgs): Fault[] {
    const { leaseDuration, renewDeadline, retryPeriod } = resolveKubeVip(given);
    const wrong = [
        ...count(`${at}.leaseDuration`, leaseDuration, 1, 300),
        ...count(`${at}.renewDeadline`, renewDeadline, 1, 300),
        ...count(`${at}.retryPeriod`, retryPeriod, 1, 300),
    ];
    if (wrong.length > 0) return wrong;
    if (leaseDuration <= renewDeadline) {
        return [fault(`${at}.leaseDuration`, leaseDuration, `more than renewDeadline, ${renewDeadline}`)];
    }
    return renewDeadline > retryPeriod * 1.2
        ? []
        : [fault(`${at}.renewDeadline`, renewDeadline, `more than 1.2 times retryPeriod, ${retryPeriod}`)];
}
