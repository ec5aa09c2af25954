import * as fs from "fs";
import { hostKey } from "./disk";
import { networkExists } from "./network";
import { labDir, labFiles } from "./paths";
import { LabError, must } from "./process";
import { HostsFile, selectHosts } from "./hostsFile";
import type { LabHost } from "./hostsFile";

/** What lab.json says of the running lab. */
export interface LabRecord extends HostsFile {
    startedAt: string;
    /** The lower layer of every host's disk. */
    rootfs: string;
}

/** The running lab of this checkout, or nothing. */
export function findRecord(): LabRecord | undefined {
    if (!fs.existsSync(labFiles.record) || !networkExists()) {
        return undefined;
    }
    return JSON.parse(fs.readFileSync(labFiles.record, "utf8")) as LabRecord;
}

export function readRecord(): LabRecord {
    const record = findRecord();
    if (!record) {
        throw new LabError("the lab is not up: start it with `npm run lab -- up`");
    }
    return record;
}

export function recordedHost(name: string): LabHost {
    return selectHosts(readRecord().hosts, [name])[0];
}

export function writeRecord(record: LabRecord): void {
    writeWhole(labFiles.record, JSON.stringify(record, undefined, 4) + "\n");
}

/** One line per host, from the keys on their disks. */
export function writeKnownHosts(hosts: LabHost[]): void {
    const lines = hosts.map((host) => `${host.address},${host.name} ${hostKey(host.name)}\n`);
    writeWhole(labFiles.knownHosts, lines.join(""));
}

/** The operator's key to every host: ECDSA in PEM, the smallest file that OpenSSH and Go's ssh both read. */
export async function createClientKey(): Promise<void> {
    fs.mkdirSync(labDir, { recursive: true });
    const options = ["-q", "-t", "ecdsa", "-b", "256", "-m", "PEM", "-N", "", "-C", "operator@lab"];
    await must("making the operator's key", ["ssh-keygen", ...options, "-f", labFiles.clientKey]);
}

/** A reader sees the old text or the new one, never half of it. */
function writeWhole(file: string, text: string): void {
    fs.writeFileSync(`${file}.new`, text);
    fs.renameSync(`${file}.new`, file);
}
