import * as fs from "fs";
import * as path from "path";
import { withLock } from "../tools/lock";
import { Report, timed } from "../tools/progress";
import { UserError } from "../tools/userError";
import { removeOlderBuilds } from "./buildCache";
import { pidOf } from "./container";
import { HostsFile, LabHost, readHostsFile, segmentsOf, selectHosts } from "./hostsFile";
import { raiseKernelLimits } from "./kernelLimits";
import { startMachine } from "./machine";
import type { ImageSet } from "./mirror/imageRecipes";
import { startNameServer } from "./nameServer";
import { createNetwork } from "./network";
import { LAB_DIR, LAB_FILES, LOCK_FILE, REPO_DIR, RUN_DIR } from "./paths";
import { createClientKey, findRecord, LabRecord, writeKnownHosts, writeRecord } from "./record";
import { report } from "./report";
import { hostRootfs } from "./rootfs/build";
import { clearMachine } from "./teardown";

export const DEFAULT_HOSTS_FILE = path.join(__dirname, "hosts.yaml");

/** Contains the checkout that started the running lab. */
const OWNER_FILE = path.join(RUN_DIR, "owner");

/** The longest wait for another `up` or `down`. An `up` with an empty cache builds for some minutes. */
const LOCK_LIMIT_SECONDS = 45 * 60;

export interface UpOptions {
    /** Names from the hosts file. @default all hosts */
    hosts?: string[];
    hostsFile?: string;
    /** The images on the mirror. `all` also has those that only some topologies need; building these takes long. Applies when the lab starts. @default "core" */
    images?: ImageSet;
    report?: Report;
}

/** Starts the named hosts, and first the lab if none runs. Does not touch hosts that run. */
export async function up(options: UpOptions = {}): Promise<LabRecord> {
    requireRoot();
    const say = options.report ?? report;
    const file = await readHostsFile(options.hostsFile ?? DEFAULT_HOSTS_FILE);
    const wanted = selectHosts(file.hosts, options.hosts ?? []);
    const names = wanted.map((host) => host.name).join(", ");
    return exclusively(say, `starting ${names}`, () => start(say, file, wanted, options.images ?? "core"));
}

/** Ends the lab and removes everything but the cache. */
export async function down(say: Report = report): Promise<void> {
    requireRoot();
    await exclusively(say, "taking the lab down", async () => {
        await clearLeftovers(say);
        fs.rmSync(RUN_DIR, { recursive: true, force: true });
    });
}

/** Runs one `up` or `down` at a time on this machine, whichever checkout it belongs to. */
const exclusively = <T>(say: Report, what: string, step: () => Promise<T>): Promise<T> =>
    withLock(LOCK_FILE, say, () => timed(say, what, step), { limitSeconds: LOCK_LIMIT_SECONDS });

async function start(say: Report, file: HostsFile, wanted: LabHost[], images: ImageSet): Promise<LabRecord> {
    const running = findRecord();
    if (running && describeNetwork(running) !== describeNetwork(file)) {
        throw new UserError(`the running lab's network is ${describeNetwork(running)}; take that lab down first`);
    }
    const record = running ?? (await startEmptyLab(say, file, images));
    const missing = wanted.filter((host) => pidOf(host.name) === undefined);
    const others = record.hosts.filter((host) => !wanted.some((one) => one.name === host.name));
    refuseSharedAddresses(others, wanted);
    const extended = { ...record, hosts: [...others, ...wanted] };
    await Promise.all(missing.map((host) => startMachine(host, extended, false)));
    writeKnownHosts(extended.hosts);
    writeRecord(extended);
    return extended;
}

const describeNetwork = (lab: HostsFile): string =>
    segmentsOf(lab)
        .flatMap(({ network, network6 }) => [network, ...(network6 ? [network6] : [])])
        .join(", ");

function refuseSharedAddresses(running: LabHost[], wanted: LabHost[]): void {
    for (const { name, address } of wanted) {
        const holder = running.find((host) => host.address === address);
        if (holder) {
            throw new UserError(
                `${name}: got ${address}, which is already the address of ${holder.name} in the running lab`,
            );
        }
    }
}

/** Starts the network and the mirror, and writes the files that programs read. Starts no host. */
async function startEmptyLab(say: Report, file: HostsFile, images: ImageSet): Promise<LabRecord> {
    // Imported here, because no other command needs the mirror, and they shall start fast.
    const { prepareMirror, startMirror } = await import("./mirror/server");
    const [rootfs, mirror] = await Promise.all([hostRootfs(say), prepareMirror(say, images)]);
    await clearLeftovers(say);
    await removeOlderBuilds();
    fs.mkdirSync(RUN_DIR, { recursive: true });
    fs.writeFileSync(OWNER_FILE, REPO_DIR);
    raiseKernelLimits();
    await createClientKey();
    fs.copyFileSync(mirror.aptKey, LAB_FILES.aptKey);
    await createNetwork(file);
    await startNameServer(say, file);
    await startMirror(mirror, file);
    return { ...file, hosts: [], startedAt: new Date().toISOString(), rootfs };
}

/** Removes what is left of an earlier lab. That of another checkout ends too, because a machine has one network of this name. */
async function clearLeftovers(say: Report): Promise<void> {
    const owner = fs.existsSync(OWNER_FILE) ? fs.readFileSync(OWNER_FILE, "utf8") : REPO_DIR;
    if (owner !== REPO_DIR) {
        say(`taking down the lab of ${owner}`);
        fs.rmSync(path.join(owner, ".lab/lab.json"), { force: true });
    }
    await clearMachine();
    fs.rmSync(LAB_DIR, { recursive: true, force: true });
}

function requireRoot(): void {
    if (process.getuid?.() !== 0) {
        throw new UserError("the lab needs root, because it mounts disks and creates network namespaces");
    }
}
