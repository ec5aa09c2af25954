import { UserError } from "../tools/userError";
import { boot, pidOf, powerOff, waitForSsh } from "./container";
import { setUpFirewall } from "./firewall";
import { createDisk, discardDisk, diskExists, mountRoot, unmountRoot } from "./disk";
import { attach, detach, setLink } from "./network";
import type { LabHost } from "./hostsFile";
import type { LabRecord } from "./record";

/** Cuts the host's power. Cuts its network first, so that no peer receives the end of a connection. */
export async function killMachine(name: string): Promise<void> {
    if (pidOf(name) === undefined) {
        throw new UserError(`${name} is off already`);
    }
    await setLink(name, "down");
    await powerOff(name);
    await unmountRoot(name);
    // A power cut also deletes addresses, routes, filters and tunnels, because they are in memory.
    await detach(name);
}

/** Powers the host on with its disk. The host gets a new disk and identity if it has none or if `blank` is true. */
export async function startMachine(host: LabHost, lab: LabRecord, blank: boolean): Promise<void> {
    if (pidOf(host.name) !== undefined) {
        throw new UserError(`${host.name} is running already`);
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
