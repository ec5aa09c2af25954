import * as fs from "fs";
import { must } from "../tools/process";
import { UserError } from "../tools/userError";
import { hostKey } from "./disk";
import { networkExists } from "./network";
import { LAB_DIR, LAB_FILES } from "./paths";
import { HostsFile, selectHosts } from "./hostsFile";
import type { LabHost } from "./hostsFile";

/** The content of lab.json, which describes the running lab. */
export interface LabRecord extends HostsFile {
    startedAt: string;
    /** The directory that is the lower layer of every host's disk. */
    rootfs: string;
}

/** Returns the running lab of this checkout, or undefined. */
export function findRecord(): LabRecord | undefined {
    if (!fs.existsSync(LAB_FILES.record) || !networkExists()) {
        return undefined;
    }
    return JSON.parse(fs.readFileSync(LAB_FILES.record, "utf8")) as LabRecord;
}

export function readRecord(): LabRecord {
    const record = findRecord();
    if (!record) {
        throw new UserError("the lab is not up: start it with `npm run lab -- up`");
    }
    return record;
}

export function recordedHost(name: string): LabHost {
    return selectHosts(readRecord().hosts, [name])[0];
}

export function writeRecord(record: LabRecord): void {
    writeWhole(LAB_FILES.record, JSON.stringify(record, undefined, 4) + "\n");
}

/** Writes known_hosts from the keys on the hosts' disks. A host that is given a new disk at the moment has none yet. */
export function writeKnownHosts(hosts: LabHost[]): void {
    const lines = hosts.flatMap(({ name, address }) => {
        const key = hostKey(name);
        return key === undefined ? [] : [`${address},${name} ${key}\n`];
    });
    writeWhole(LAB_FILES.knownHosts, lines.join(""));
}

/** Creates the operator's key for all hosts, of the type and in the format that most people have. */
export async function createClientKey(): Promise<void> {
    fs.mkdirSync(LAB_DIR, { recursive: true });
    const options = ["-q", "-t", "ed25519", "-N", "", "-C", "operator@lab"];
    await must("making the operator's key", ["ssh-keygen", ...options, "-f", LAB_FILES.clientKey]);
}

/** Replaces the file in one step, so that a reader never sees a partial text. */
function writeWhole(file: string, text: string): void {
    fs.writeFileSync(`${file}.new`, text);
    fs.renameSync(`${file}.new`, file);
}
