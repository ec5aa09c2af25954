/** One stretch of wire between hosts. */
export interface Segment {
    /** A /24. */
    network: string;
    /** The operator's place on it; the router's, where there is more than one segment. */
    gateway: string;
    /** A /64; hosts have no IPv6 addresses without it. */
    network6?: string;
}

/** Where an address puts a host: the wire, its place there, and its addresses. */
export interface Place {
    segment: number;
    v4: string;
    v6?: string;
    /** The host has no IPv4 address. */
    only6: boolean;
}

const prefix4 = ({ network }: Segment): string => network.replace(/0\/24$/, "");
const prefix6 = ({ network6 }: Segment): string | undefined => network6?.replace(/\/64$/, "");

/** fd00:88::11 beside 10.88.0.11: of the same number, as a person reads it. */
export const beside = (segment: Segment, address: string): string | undefined =>
    segment.network6 && `${prefix6(segment)}${address.slice(address.lastIndexOf(".") + 1)}`;

/** The place that an IPv4 address, or the IPv6 address of a host without one, has in the lab; undefined when it is outside. */
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
