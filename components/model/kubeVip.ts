import { Fault, count, fault } from "../lib/faults";

/** Leader election as client-go has it: leaseDuration > renewDeadline > retryPeriod, whole seconds. */
export interface KubeVipArgs {
    /** After which a lease that is not renewed is another's. @default 5 */
    leaseDuration?: number;
    /** Within which the holder must renew it, or steps down. @default 3 */
    renewDeadline?: number;
    /** Between two tries. @default 1 */
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
