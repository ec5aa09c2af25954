import ipaddr from "ipaddr.js";
import { isIP } from "net";

/** A parsed CIDR: family, network and prefix length. */
export interface Subnet {
    family: 4 | 6;
    address: string;
    prefix: number;
}

/** Returns undefined for what is no address, or has a zone. ipaddr.js alone would take 10.1 and 010.0.0.1 as well. */
const parseAddress = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined =>
    isIP(text) && !text.includes("%") ? ipaddr.parse(text) : undefined;

/** "10.244.0.0/16" → its parts; undefined when it is not a network's CIDR (host bits set, prefix out of range). */
export function parseSubnet(text: string): Subnet | undefined {
    const [address] = text.split("/");
    const parsed = parseAddress(address);
    if (!parsed || !ipaddr.isValidCIDR(text)) return undefined;
    const [, prefix] = ipaddr.parseCIDR(text);
    const family = parsed.kind() === "ipv4" ? 4 : 6;
    const network = ipaddr[family === 4 ? "IPv4" : "IPv6"].networkAddressFromCIDR(text);
    return network.toString() === parsed.toString() ? { family, address, prefix } : undefined;
}

export function contains(subnet: Subnet, address: string): boolean {
    const parsed = parseAddress(address);
    return parsed?.kind() === `ipv${subnet.family}` && parsed.match(ipaddr.parse(subnet.address), subnet.prefix);
}

export const overlap = (a: Subnet, b: Subnet): boolean => contains(a, b.address) || contains(b, a.address);

/** The one spelling that `ip address` shows and etcd compares: fd00::11, not FD00:0::11. A zone (%eth0) has none. */
export function isCanonical(address: string): boolean {
    if (isIP(address) !== 6) return true;
    const parsed = parseAddress(address);
    return parsed instanceof ipaddr.IPv6 && parsed.toRFC5952String() === address;
}

/** An address that no machine has for others: loopback, unspecified, multicast, broadcast. */
export const isSpecialAddress = (address: string): boolean =>
    ["loopback", "unspecified", "multicast", "broadcast"].includes(parseAddress(address)?.range() ?? "");

/** `127.0.0.0/8`; `::1`. */
export const isLoopback = (address: string): boolean => parseAddress(address)?.range() === "loopback";

/** `0.0.0.0`, and the rest of its network; `::`. */
export const isUnspecified = (address: string): boolean => parseAddress(address)?.range() === "unspecified";

/** The nth address of a network, as kubeadm counts them: the 10th of the Services' network is CoreDNS's. */
export function nthAddress(subnet: string, n: number): string {
    const [network] = subnet.split("/");
    const bytes = parseAddress(network)?.toByteArray();
    // `networkFaults` reports a subnet that cannot be parsed.
    if (!bytes) return network;
    for (let i = bytes.length - 1, carry = n; i >= 0 && carry > 0; i--) {
        carry += bytes[i];
        bytes[i] = carry % 256;
        carry = Math.floor(carry / 256);
    }
    return ipaddr.fromByteArray(bytes).toString();
}

/** A host as part of a URL: an IPv6 address stands in brackets. */
export const urlHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** `host:port`, an IPv6 address in brackets. */
export const hostPort = (host: string, port: number): string => `${urlHost(host)}:${port}`;
