import * as fs from "fs";
import { LabError } from "./process";
import { placeOf, Segment } from "./segments";

/** What a host's administrator set up before anyone else came: everything but ssh is refused. */
export const firewalls = ["firewalld", "ufw"] as const;
export type LabFirewall = (typeof firewalls)[number];

export interface LabHost {
    name: string;
    /** Where ssh answers: of IPv6 on a host that has no other. It tells the segment too. */
    address: string;
    /** @default none, as Debian comes */
    firewall?: LabFirewall;
}

export interface HostsFile extends Segment {
    mirror: string;
    /** Further segments; a router leads from each to each. */
    segments: Segment[];
    hosts: LabHost[];
}

/** All segments, the mirror's first. */
export const segmentsOf = ({
    network,
    gateway,
    network6,
    segments,
}: Omit<HostsFile, "mirror" | "hosts">): Segment[] => [{ network, gateway, network6 }, ...segments];

/** "v-NAME" has to fit an interface name of 15 characters. */
const hostName = /^[a-z][a-z0-9-]{0,12}$/;

/** Reads a hosts file and refuses, with every fault in one message, what could not become a lab. */
export async function readHostsFile(file: string): Promise<HostsFile> {
    let document: unknown;
    try {
        // Loaded here, because commands other than `up` have to start quickly and do without.
        const { parse } = await import("yaml");
        document = parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new LabError(`${file}: ${(error as Error).message}`);
    }
    return parseHosts(file, document);
}

export function parseHosts(file: string, document: unknown): HostsFile {
    const { network, network6, gateway, mirror, segments, hosts } = (document ?? {}) as Record<string, unknown>;
    const faults: string[] = [];
    const lab = {
        ...segmentFrom({ network, network6, gateway }, faults),
        mirror: String(mirror),
        segments: ((segments ?? []) as Record<string, unknown>[]).map((segment) => segmentFrom(segment, faults)),
    };
    // Without networks nothing can be said of addresses.
    refuse(file, faults);
    const claim = claimer(segmentsOf(lab), faults);
    segmentsOf(lab).forEach((segment, i) =>
        claim(i === 0 ? "gateway" : `segments[${i - 1}].gateway`, segment.gateway, i),
    );
    claim("mirror", mirror, 0);
    const list = Object.entries((hosts ?? {}) as Record<string, unknown>).map(readHost);
    if (list.length === 0) {
        faults.push("hosts: got none, expected at least one `name: address`");
    }
    for (const { name, address, firewall } of list) {
        if (!hostName.test(name) || name === "mirror") {
            faults.push(`hosts.${name}: expected a name of at most 13 lower-case letters, digits and dashes`);
        }
        claim(`hosts.${name}`, address);
        if (firewall !== undefined && !firewalls.includes(firewall)) {
            faults.push(`hosts.${name}.firewall: got ${JSON.stringify(firewall)}, expected ${firewalls.join(" or ")}`);
        }
    }
    refuse(file, faults);
    return { ...lab, hosts: list.map((host) => ({ ...host, address: String(host.address) })) };
}

/** `name: address`, or `name: { address, firewall }`. */
function readHost([name, value]: [string, unknown]): LabHost {
    if (typeof value !== "object" || value === null) {
        return { name, address: value as string };
    }
    const { address, firewall } = value as LabHost;
    return { name, address, ...(firewall === undefined ? {} : { firewall }) };
}

function segmentFrom({ network, network6, gateway }: Record<string, unknown>, faults: string[]): Segment {
    if (!/^\d+\.\d+\.\d+\.0\/24$/.test(String(network))) {
        faults.push(`network: got ${JSON.stringify(network)}, expected a /24 such as 10.88.0.0/24`);
    }
    if (network6 !== undefined && !/^[0-9a-f:]*[0-9a-f]::\/64$/.test(String(network6))) {
        faults.push(`network6: got ${JSON.stringify(network6)}, expected a /64 such as fd00:88::/64`);
    }
    return {
        network: String(network),
        gateway: String(gateway),
        ...(network6 === undefined ? {} : { network6: String(network6) }),
    };
}

/** Notes whose each address is; one outside the lab, or of a number that is taken on its segment, is a fault. */
function claimer(segments: Segment[], faults: string[]) {
    const taken = new Map<string, string>();
    const networks = segments.flatMap(({ network, network6 }) => [network, ...(network6 ? [network6] : [])]).join(", ");
    return (owner: string, address: unknown, segment?: number): void => {
        const place = placeOf(segments, String(address));
        if (!place || place.segment !== (segment ?? place.segment) || (segment !== undefined && place.only6)) {
            const expected = segment === undefined ? networks : segments[segment].network;
            faults.push(`${owner}: got ${JSON.stringify(address)}, expected an address within ${expected}`);
        } else if (taken.has(place.v4)) {
            faults.push(`${owner}: ${String(address)} is ${taken.get(place.v4)}'s already`);
        } else {
            taken.set(place.v4, owner);
        }
    };
}

function refuse(file: string, faults: string[]): void {
    if (faults.length > 0) {
        throw new LabError(`${file}: ${faults.join("; ")}`);
    }
}

/** The hosts named, in the file's order; all of them when none is named. */
export function selectHosts(known: LabHost[], names: string[]): LabHost[] {
    const unknown = names.filter((name) => !known.some((host) => host.name === name));
    if (unknown.length > 0) {
        throw new LabError(
            `unknown host ${unknown.join(", ")}: the lab knows ${known.map((host) => host.name).join(", ")}`,
        );
    }
    return names.length === 0 ? known : known.filter((host) => names.includes(host.name));
}
