import { Fault, fault, within } from "../lib/faults";

const SYSCTL = /^[a-z0-9_]+([./][A-Za-z0-9_@-]+)+$/;
/** Kubernetes needs them as the program sets them. By path: `sysctlPath`. */
const OWN_SYSCTLS = /^net\/(ipv4\/ip_forward|ipv[46]\/conf\/[^/]+\/forwarding|bridge\/bridge-nf-call-ip6?tables)$/;
/** Of all interfaces. One interface without IPv6 may be none of the cluster's. */
const DISABLE_IPV6 = /^net\/ipv6\/conf\/(all|default)\/disable_ipv6$/;

/** The path below /proc/sys: in `net.ipv4.conf.eth0/1.forwarding` the slash stands for the dot of `eth0.1` (sysctl.d(5)). */
const sysctlPath = (name: string): string =>
    /^[^./]*\//.test(name) ? name : name.replace(/[./]/g, (sign) => (sign === "." ? "/" : "."));

/** Faults of one setting of the kernel. */
export function sysctlFaults(at: string, name: string, value: unknown): Fault[] {
    const path = within(at, name);
    if (/[*?[\]]/.test(name)) return [fault(path, value, "a key without wildcards")];
    if (!SYSCTL.test(name)) return [fault(path, value, "a setting's name with dots, as in vm.max_map_count")];
    if (OWN_SYSCTLS.test(sysctlPath(name))) {
        return [fault(path, value, "another setting: the program sets this one to 1")];
    }
    return typeof value === "string" && /^[^\0-\x1f]*\S[^\0-\x1f]*$/.test(value)
        ? []
        : [fault(path, value, "a text in one line")];
}

/** Of a host of a cluster with IPv6. */
export const disabledIPv6Faults = (at: string, { sysctls = {} }: { sysctls?: Record<string, string> }): Fault[] =>
    Object.entries(sysctls)
        .filter(([name, value]) => DISABLE_IPV6.test(sysctlPath(name)) && String(value).trim() !== "0")
        .map(([name, value]) =>
            fault(within(within(at, "sysctls"), name), value, "0, because the cluster has IPv6 addresses"),
        );
