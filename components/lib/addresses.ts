import { BlockList, isIP } from "net";

/** A parsed CIDR: family, network and prefix length. */
export interface Subnet {
    family: 4 | 6;
    address: string;
    prefix: number;
}

/** "10.244.0.0/16" → its parts; undefined when it is not a network's CIDR (host bits set, prefix out of range). */
export function parseSubnet(text: string): Subnet | undefined {
    const [address, prefixText, ...rest] = text.split("/");
    const family = isIP(address);
    if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefixText ?? "")) return undefined;
    const prefix = Number(prefixText);
    if (prefix > (family === 4 ? 32 : 128)) return undefined;
    const subnet: Subnet = { family: family as 4 | 6, address, prefix };
    return hasHostBits(subnet) ? undefined : subnet;
}

export function contains(subnet: Subnet, address: string): boolean {
    if (isIP(address) !== subnet.family) return false;
    const list = new BlockList();
    const family = subnet.family === 4 ? "ipv4" : "ipv6";
    list.addSubnet(subnet.address, subnet.prefix, family);
    return list.check(address, family);
}

export const overlap = (a: Subnet, b: Subnet): boolean => contains(a, b.address) || contains(b, a.address);

function hasHostBits({ family, address, prefix }: Subnet): boolean {
    const bits = toBits(address, family);
    return bits.slice(prefix).includes("1");
}

function toBits(address: string, family: 4 | 6): string {
    if (family === 4)
        return address
            .split(".")
            .map((part) => Number(part).toString(2).padStart(8, "0"))
            .join("");
    const [head, tail] = address.split("::");
    const left = head ? head.split(":") : [];
    const right = tail ? tail.split(":") : [];
    const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
    const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
    return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}

/** The one spelling that `ip address` shows and etcd compares: fd00::11, not FD00:0::11. A zone (%eth0) has none. */
export function isCanonical(address: string): boolean {
    if (isIP(address) !== 6) return true;
    try {
        return new URL(`http://[${address}]`).hostname === `[${address}]`;
    } catch {
        return false;
    }
}

/** The nth address of a network, as kubeadm counts them: the 10th of the Services' network is CoreDNS's. */
export function nthAddress(subnet: string, n: number): string {
    const network = subnet.split("/")[0];
    const [separator, radix] = network.includes(":") ? [":", 16] : [".", 10];
    const parts = network.split(separator);
    const last = parts.pop() || "0";
    return [...parts, (parseInt(last, radix) + n).toString(radix)].join(separator);
}

/** A host as part of a URL: an IPv6 address stands in brackets. */
export const urlHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** `host:port`, an IPv6 address in brackets. */
export const hostPort = (host: string, port: number): string => `${urlHost(host)}:${port}`;
