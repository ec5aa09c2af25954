import * as fs from "fs";
import { UserError } from "../tools/userError";
import { placeOf, Segment } from "./segments";

/** Firewalls that a host can have from the start. They block everything but ssh. */
export const FIREWALLS = ["firewalld", "ufw"] as const;
export type LabFirewall = (typeof FIREWALLS)[number];

export interface LabHost {
    name: string;
    /** The address of its sshd, which also determines the segment. An IPv6 address means that the host has no IPv4 address. */
    address: string;
    /** @default none, as on a new Debian system */
    firewall?: LabFirewall;
    /** The password for which sudo asks `ops`. @default sudo does not ask */
    sudoPassword?: string;
}

export interface HostsFile extends Segment {
    mirror: string;
    /** Segments besides the first. A router connects all of them. */
    segments: Segment[];
    hosts: LabHost[];
    /** Name → address, for the lab's name server. @default none: no name server runs */
    names?: Record<string, string>;
}

/** Returns all segments. The first is the mirror's. */
export const segmentsOf = ({
    network,
    gateway,
    network6,
    segments,
}: Omit<HostsFile, "mirror" | "hosts" | "names">): Segment[] => [{ network, gateway, network6 }, ...segments];

/** A host's name. "v-NAME" must be a valid interface name, which has at most 15 characters. */
const HOST_NAME = /^[a-z][a-z0-9-]{0,12}$/;

/** A name that the lab's name server knows. It has a dot, because a short one is a host's own, in its /etc/hosts. */
const DNS_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** Reads a hosts file. An invalid one is an error that names every fault. */
export async function readHostsFile(file: string): Promise<HostsFile> {
    let document: unknown;
    try {
        // Imported here, because only `up` needs it, and the other commands shall start fast.
        const { parse } = await import("yaml");
        document = parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new UserError(`${file}: ${(error as Error).message}`);
    }
    return parseHosts(file, document);
}

export function parseHosts(file: string, document: unknown): HostsFile {
    const { network, network6, gateway, mirror, segments, hosts, names } = (document ?? {}) as Record<string, unknown>;
    const faults: string[] = [];
    const lab = {
        ...segmentFrom({ network, network6, gateway }, faults),
        mirror: String(mirror),
        segments: ((segments ?? []) as Record<string, unknown>[]).map((segment) => segmentFrom(segment, faults)),
    };
    // Addresses can be validated only against valid networks.
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
    for (const { name, address, firewall, sudoPassword } of list) {
        if (!HOST_NAME.test(name) || name === "mirror") {
            faults.push(`hosts.${name}: expected a name of at most 13 lower-case letters, digits and dashes`);
        }
        claim(`hosts.${name}`, address);
        if (firewall !== undefined && !FIREWALLS.includes(firewall)) {
            faults.push(`hosts.${name}.firewall: got ${JSON.stringify(firewall)}, expected ${FIREWALLS.join(" or ")}`);
        }
        if (sudoPassword !== undefined && !/^.+$/.test(sudoPassword)) {
            faults.push(`hosts.${name}.sudoPassword: expected a text of one line`);
        }
    }
    faults.push(...nameFaults(names ?? {}, segmentsOf(lab)));
    refuse(file, faults);
    return {
        ...lab,
        hosts: list.map((host) => ({ ...host, address: String(host.address) })),
        ...(names === undefined ? {} : { names: names as Record<string, string> }),
    };
}

/** A name may lead to an address that no host has, such as a virtual one. */
const nameFaults = (names: object, segments: Segment[]): string[] =>
    Object.entries(names).flatMap(([name, address]) => [
        ...(DNS_NAME.test(name) ? [] : [`names.${name}: expected a DNS name with a dot, in lower case`]),
        ...(placeOf(segments, String(address))
            ? []
            : [`names.${name}: got ${JSON.stringify(address)}, expected an address of the lab`]),
    ]);

/** Reads `name: address` or `name: { address, firewall, sudoPassword }`. */
function readHost([name, value]: [string, unknown]): LabHost {
    if (typeof value !== "object" || value === null) {
        return { name, address: value as string };
    }
    const { address, firewall, sudoPassword } = value as LabHost;
    return {
        ...{ name, address },
        ...(firewall === undefined ? {} : { firewall }),
        ...(sudoPassword === undefined ? {} : { sudoPassword: String(sudoPassword) }),
    };
}

function segmentFrom({ network, network6, gateway }: Record<string, unknown>, faults: string[]): Segment {
    if (!/^\d+\.\d+\.\d+\.0\/24$/.test(String(network))) {
        faults.push(`network: got ${JSON.stringify(network)}, expected a /24 such as 10.88.0.0/24`);
    }
    const isText = typeof network6 === "string";
    if (network6 !== undefined && !(isText && /^[0-9a-f:]*[0-9a-f]::\/64$/.test(network6))) {
        faults.push(`network6: got ${JSON.stringify(network6)}, expected a /64 such as fd00:88::/64`);
    }
    return {
        network: String(network),
        gateway: String(gateway),
        ...(isText ? { network6 } : {}),
    };
}

/** Returns a function that records an address's owner. An address outside the lab, or one that another owner has, is a fault. */
function claimer(segments: Segment[], faults: string[]) {
    const taken = new Map<string, string>();
    const networks = segments.flatMap(({ network, network6 }) => [network, ...(network6 ? [network6] : [])]).join(", ");
    return (owner: string, address: unknown, segment?: number): void => {
        const place = placeOf(segments, String(address));
        if (!place || place.segment !== (segment ?? place.segment) || (segment !== undefined && place.only6)) {
            const expected = segment === undefined ? networks : segments[segment].network;
            faults.push(`${owner}: got ${JSON.stringify(address)}, expected an address within ${expected}`);
        } else if (taken.has(place.v4)) {
            faults.push(`${owner}: got ${String(address)}, which is already the address of ${taken.get(place.v4)}`);
        } else {
            taken.set(place.v4, owner);
        }
    };
}

function refuse(file: string, faults: string[]): void {
    if (faults.length > 0) {
        throw new UserError(`${file}: ${faults.join("; ")}`);
    }
}

/** Returns the named hosts in the order of the file, or all hosts if no name is given. */
export function selectHosts(known: LabHost[], names: string[]): LabHost[] {
    const unknown = names.filter((name) => !known.some((host) => host.name === name));
    if (unknown.length > 0) {
        throw new UserError(
            `unknown host ${unknown.join(", ")}: expected one of ${known.map((host) => host.name).join(", ")}`,
        );
    }
    return names.length === 0 ? known : known.filter((host) => names.includes(host.name));
}
