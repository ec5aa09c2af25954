import { capture, CaptureOptions, Outcome } from "../tools/process";
import { inHost, pidOf } from "./container";
import type { LabHost } from "./hostsFile";
import { killMachine, startMachine } from "./machine";
import { inNetwork, linkStates, setLink } from "./network";
import { ensureStack, operatorEnvironment, removeStaleLocks } from "./operator";
import { LAB_FILES, REPO_DIR } from "./paths";
import { readRecord, recordedHost, writeKnownHosts } from "./record";

export { DEFAULT_HOSTS_FILE, down, up } from "./lifecycle";
export type { UpOptions } from "./lifecycle";

export interface HostStatus extends LabHost {
    state: "running" | "off" | "partitioned";
}

/** Cuts the host's power. */
export async function kill(name: string): Promise<void> {
    await killMachine(recordedHost(name).name);
}

/** Powers the host on. `blank` gives it a new disk, machine-id and host key. */
export async function startHost(name: string, options: { blank?: boolean } = {}): Promise<void> {
    const record = readRecord();
    await startMachine(recordedHost(name), record, options.blank ?? false);
    if (options.blank) {
        writeKnownHosts(record.hosts);
    }
}

/** Restarts the host with a new disk, whether it runs or not. */
export async function reset(name: string): Promise<void> {
    if (pidOf(recordedHost(name).name) !== undefined) {
        await kill(name);
    }
    await startHost(name, { blank: true });
}

/** Cuts the host off from the network. The host itself keeps running. */
export async function partition(name: string): Promise<void> {
    await setLink(recordedHost(name).name, "down");
}

/** Ends what `partition` did. */
export async function heal(name: string): Promise<void> {
    await setLink(recordedHost(name).name, "up");
}

/** Returns the words of a command line that runs `command` as root on the host. */
export const execArgv = (name: string, command: string[]): string[] => inHost(recordedHost(name).name, command);

/** Runs a command as root on the host: a list of words, or a line for its shell. */
export async function exec(name: string, command: string[] | string, options: CaptureOptions = {}): Promise<Outcome> {
    return capture(execArgv(name, typeof command === "string" ? ["bash", "-c", command] : command), options);
}

/** Returns the words of a command line that logs in to the host as the operator would. */
export function sshArgv(name: string, command: string[], user = "root"): string[] {
    const { address } = recordedHost(name);
    const options = ["IdentitiesOnly=yes", `UserKnownHostsFile=${LAB_FILES.knownHosts}`, "StrictHostKeyChecking=yes"];
    const flags = ["-i", LAB_FILES.clientKey, ...options.flatMap((option) => ["-o", option])];
    return inNetwork(["ssh", ...flags, `${user}@${address}`, ...command]);
}

/** Returns how to spawn `command` in the lab's network, with the pinned tools and the lab's Pulumi state. */
export async function runSpawn(command: string[]): Promise<[string[], { env: NodeJS.ProcessEnv }]> {
    readRecord();
    const env = await operatorEnvironment();
    await ensureStack(env);
    removeStaleLocks();
    return [inNetwork(command), { env }];
}

/** Runs a command as the operator would, in the repository unless `options` name another folder. */
export async function run(command: string[], options: CaptureOptions = {}): Promise<Outcome> {
    const [argv, { env }] = await runSpawn(command);
    return capture(argv, { cwd: REPO_DIR, ...options, env: { ...env, ...options.env } });
}

/** Counts the ssh logins in the host's journal, which begins with its disk. */
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
