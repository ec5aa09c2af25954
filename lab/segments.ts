/** One network segment, which connects hosts by a bridge. */
export interface Segment {
    /** A /24. */
    network: string;
    /** The address of the operator, and of the router if there are several segments. */
    gateway: string;
    /** A /64. Without it, hosts have no IPv6 addresses. */
    network6?: string;
}

/** The segment and the addresses of a host. */
export interface Place {
    segment: number;
    v4: string;
    v6?: string;
    /** The host has no IPv4 address. */
    only6: boolean;
}

const prefix4 = ({ network }: Segment): string => network.replace(/0\/24$/, "");
const prefix6 = ({ network6 }: Segment): string | undefined => network6?.replace(/\/64$/, "");

/** Returns the IPv6 address that ends with the same decimal number as the IPv4 address: fd00:88::11 for 10.88.0.11. */
export const beside = (segment: Segment, address: string): string | undefined =>
    segment.network6 && `${prefix6(segment)}${address.slice(address.lastIndexOf(".") + 1)}`;

/** Returns the place of an IPv4 address, or of the IPv6 address of a host that has no other; undefined if no segment contains it. */
export function placeOf(segments: Segment[], address: string): Place | undefined {
    for (const [segment, wire] of segments.entries()) {
        const only6 = address.includes(":");
        const prefix = only6 ? prefix6(wire) : prefix4(wire);
        if (prefix === undefined || !address.startsWith(prefix)) continue;
        const number = address.slice(prefix.length);
        if (!/^[1-9]\d{0,2}$/.test(number) || Number(number) > 254) continue;
        const v4 = prefix4(wire) + number;
        return { segment, v4, v6: beside(wire, v4), only6 };
    }
    return undefined;
}
