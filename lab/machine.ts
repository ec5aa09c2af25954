import { boot, pidOf, powerOff, waitForSsh } from "./container";
import { setUpFirewall } from "./firewall";
import { createDisk, discardDisk, diskExists, mountRoot, unmountRoot } from "./disk";
import { attach, detach, setLink } from "./network";
import { LabError } from "./process";
import type { LabHost } from "./hostsFile";
import type { LabRecord } from "./record";

/** A power cut: the cable goes dead first, so that nobody hears the connections close. */
export async function killMachine(name: string): Promise<void> {
    if (pidOf(name) === undefined) {
        throw new LabError(`${name} is off already`);
    }
    await setLink(name, "down");
    await powerOff(name);
    await unmountRoot(name);
    // Addresses, routes, filters and tunnels are in memory on a machine: they do not survive either.
    await detach(name);
}

/** Power on, with the disk the host had; with a new one and a new identity where it has none or `blank` asks for it. */
export async function startMachine(host: LabHost, lab: LabRecord, blank: boolean): Promise<void> {
    if (pidOf(host.name) !== undefined) {
        throw new LabError(`${host.name} is running already`);
    }
    await detach(host.name);
    if (blank) {
        await discardDisk(host.name);
    }
    await attach(host, lab);
    const used = diskExists(host.name);
    if (used) {
        await unmountRoot(host.name);
        await mountRoot(host.name, lab.rootfs);
    } else {
        await createDisk(host, lab, lab.rootfs);
    }
    await boot(host);
    await waitForSsh(host);
    if (!used) {
        await setUpFirewall(host);
    }
}
