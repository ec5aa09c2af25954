import * as fs from "fs";
import { LabError } from "./process";

/** What a host's administrator set up before anyone else came: everything but ssh is refused. */
export const firewalls = ["firewalld", "ufw"] as const;
export type LabFirewall = (typeof firewalls)[number];

export interface LabHost {
    name: string;
    address: string;
    /** @default none, as Debian comes */
    firewall?: LabFirewall;
}

export interface HostsFile {
    /** The lab's network, a /24. */
    network: string;
    gateway: string;
    mirror: string;
    hosts: LabHost[];
}

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
    const { network, gateway, mirror, hosts } = (document ?? {}) as Record<string, unknown>;
    const faults: string[] = [];
    const net = /^(\d+\.\d+\.\d+)\.0\/24$/.exec(String(network));
    if (!net) {
        throw new LabError(`${file}: network: got ${JSON.stringify(network)}, expected a /24 such as 10.88.0.0/24`);
    }
    const taken = new Map<string, string>();
    const claim = (owner: string, address: unknown): void => {
        const last = String(address).startsWith(`${net[1]}.`) ? Number(String(address).slice(net[1].length + 1)) : NaN;
        if (!Number.isInteger(last) || last < 1 || last > 254) {
            faults.push(`${owner}: got ${JSON.stringify(address)}, expected an address within ${network}`);
        } else if (taken.has(String(address))) {
            faults.push(`${owner}: ${address} is ${taken.get(String(address))}'s already`);
        }
        taken.set(String(address), owner);
    };
    claim("gateway", gateway);
    claim("mirror", mirror);
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
    if (faults.length > 0) {
        throw new LabError(`${file}: ${faults.join("; ")}`);
    }
    return {
        network: String(network),
        gateway: String(gateway),
        mirror: String(mirror),
        hosts: list.map((host) => ({ ...host, address: String(host.address) })),
    };
}

/** `name: address`, or `name: { address, firewall }`. */
function readHost([name, value]: [string, unknown]): LabHost {
    if (typeof value !== "object" || value === null) {
        return { name, address: value as string };
    }
    const { address, firewall } = value as LabHost;
    return { name, address, ...(firewall === undefined ? {} : { firewall }) };
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
