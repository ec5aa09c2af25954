import * as fs from "fs";
import * as path from "path";
import { removeOlderBuilds } from "./buildCache";
import { inHost, pidOf } from "./container";
import { HostsFile, LabHost, readHostsFile, segmentsOf, selectHosts } from "./hostsFile";
import { raiseKernelLimits } from "./kernelLimits";
import { withLock } from "./lock";
import type { ImageSet } from "./mirror/imageRecipes";
import { killMachine, startMachine } from "./machine";
import { createNetwork, inNetwork, linkStates, setLink } from "./network";
import { dropStaleLocks, ensureStack, operatorEnvironment } from "./operator";
import { labDir, labFiles, repoDir, runDir } from "./paths";
import { capture, CaptureOptions, LabError, Outcome } from "./process";
import {
    createClientKey,
    findRecord,
    LabRecord,
    readRecord,
    recordedHost,
    writeKnownHosts,
    writeRecord,
} from "./record";
import { Report, report, timed } from "./report";
import { hostRootfs } from "./rootfs/build";
import { clearMachine } from "./teardown";

export const defaultHostsFile = path.join(__dirname, "hosts.yaml");

const ownerFile = path.join(runDir, "owner");

export interface UpOptions {
    /** Names from the hosts file; all of them by default. */
    hosts?: string[];
    hostsFile?: string;
    /** Those of the usual cluster, or those of every shape of one, which take long to build; read when the lab starts. @default "core" */
    images?: ImageSet;
    report?: Report;
}

export interface HostStatus extends LabHost {
    state: "running" | "off" | "partitioned";
}

/** Starts the hosts named, and the lab itself where none runs. Hosts that run are left alone. */
export async function up(options: UpOptions = {}): Promise<LabRecord> {
    requireRoot();
    const say = options.report ?? report;
    const file = await readHostsFile(options.hostsFile ?? defaultHostsFile);
    const wanted = selectHosts(file.hosts, options.hosts ?? []);
    return withLock(say, () =>
        timed(say, `${wanted.map((host) => host.name).join(", ")} up`, () =>
            start(say, file, wanted, options.images ?? "core"),
        ),
    );
}

async function start(say: Report, file: HostsFile, wanted: LabHost[], images: ImageSet): Promise<LabRecord> {
    const running = findRecord();
    if (running && describeNetwork(running) !== describeNetwork(file)) {
        throw new LabError(`the running lab's network is ${describeNetwork(running)}: take it down first`);
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
            throw new LabError(`${name}: ${address} is ${holder.name}'s, which is part of the running lab`);
        }
    }
}

/** Network and mirror, and the files that programs read; no host yet. */
async function startEmptyLab(say: Report, file: HostsFile, images: ImageSet): Promise<LabRecord> {
    // Loaded here, because every other command does without.
    const { prepareMirror, startMirror } = await import("./mirror/server");
    const [rootfs, mirror] = await Promise.all([hostRootfs(say), prepareMirror(say, images)]);
    await clearLeftovers(say);
    await removeOlderBuilds();
    fs.writeFileSync(ownerFile, repoDir);
    raiseKernelLimits();
    await createClientKey();
    fs.copyFileSync(mirror.aptKey, labFiles.aptKey);
    await createNetwork(file);
    await startMirror(mirror, file);
    return { ...file, hosts: [], startedAt: new Date().toISOString(), rootfs };
}

/** A lab of another checkout ends here: the machine has one network of this name. */
async function clearLeftovers(say: Report): Promise<void> {
    const owner = fs.existsSync(ownerFile) ? fs.readFileSync(ownerFile, "utf8") : repoDir;
    if (owner !== repoDir) {
        say(`taking down the lab of ${owner}`);
        fs.rmSync(path.join(owner, ".lab/lab.json"), { force: true });
    }
    await clearMachine();
    fs.rmSync(labDir, { recursive: true, force: true });
}

/** Ends the lab and leaves nothing of it but what is cached. */
export async function down(say: Report = report): Promise<void> {
    requireRoot();
    await withLock(say, () => timed(say, "down", () => clearLeftovers(say)));
    fs.rmSync(runDir, { recursive: true, force: true });
}

/** Cuts the host's power. */
export async function kill(name: string): Promise<void> {
    await killMachine(recordedHost(name).name);
}

/** Powers the host on; `blank` gives it a new disk, machine-id and host key. */
export async function startHost(name: string, options: { blank?: boolean } = {}): Promise<void> {
    const record = readRecord();
    await startMachine(recordedHost(name), record, options.blank ?? false);
    if (options.blank) {
        writeKnownHosts(record.hosts);
    }
}

/** A new disk in a host, whether it runs or not. */
export async function reset(name: string): Promise<void> {
    if (pidOf(recordedHost(name).name) !== undefined) {
        await kill(name);
    }
    await startHost(name, { blank: true });
}

/** Pulls the host's cable; the host itself runs on. */
export async function partition(name: string): Promise<void> {
    await setLink(recordedHost(name).name, "down");
}

export async function heal(name: string): Promise<void> {
    await setLink(recordedHost(name).name, "up");
}

/** The words that run `command` as root on the host. */
export const execArgv = (name: string, command: string[]): string[] => inHost(recordedHost(name).name, command);

/** Runs a command as root on the host: a list of words, or a line for its shell. */
export async function exec(name: string, command: string[] | string, options: CaptureOptions = {}): Promise<Outcome> {
    return capture(execArgv(name, typeof command === "string" ? ["bash", "-c", command] : command), options);
}

/** The words that log in to the host from where the operator sits. */
export function sshArgv(name: string, command: string[], user = "root"): string[] {
    const { address } = recordedHost(name);
    const options = ["IdentitiesOnly=yes", `UserKnownHostsFile=${labFiles.knownHosts}`, "StrictHostKeyChecking=yes"];
    const flags = ["-i", labFiles.clientKey, ...options.flatMap((option) => ["-o", option])];
    return inNetwork(["ssh", ...flags, `${user}@${address}`, ...command]);
}

/** What spawns `command` in the lab's network, with the pinned tools and the lab's Pulumi state. */
export async function runSpawn(command: string[]): Promise<[string[], { env: NodeJS.ProcessEnv }]> {
    readRecord();
    const env = await operatorEnvironment();
    await ensureStack(env);
    dropStaleLocks();
    return [inNetwork(command), { env }];
}

/** Runs a command where the operator sits, in the repository unless told otherwise. */
export async function run(command: string[], options: CaptureOptions = {}): Promise<Outcome> {
    const [argv, { env }] = await runSpawn(command);
    return capture(argv, { cwd: repoDir, ...options, env: { ...env, ...options.env } });
}

/** How many ssh logins the host has let in since it got its disk, by its own journal. */
export async function sshConnectionCount(name: string): Promise<number> {
    const journal = await exec(
        name,
        "journalctl --unit ssh --grep '^Accepted ' --output cat --no-pager --quiet | wc -l",
    );
    return Number(journal.stdout);
}

export async function status(): Promise<HostStatus[]> {
    const { hosts } = readRecord();
    const links = await linkStates();
    return hosts.map((host) => {
        const on = pidOf(host.name) !== undefined;
        return { ...host, state: !on ? "off" : links.get(host.name) ? "running" : "partitioned" };
    });
}

function requireRoot(): void {
    if (process.getuid?.() !== 0) {
        throw new LabError("the lab needs root: it mounts disks and makes network namespaces");
    }
}
