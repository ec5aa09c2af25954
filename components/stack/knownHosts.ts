import { execFile } from "child_process";
import { isIP } from "net";
import { promisify } from "util";
import { Fault, fault } from "../lib/faults";
import { isDnsName } from "../lib/forms";
import { KnownHostArgs } from "../model/hosts";
import { expand, readText } from "./files";
import { SSH_FILES, SshConfig } from "./ssh";

/** The public keys that known_hosts has of the cluster's hosts. */
export interface KnownHosts {
    keyOf: (host: KnownHostArgs) => string | undefined;
    /** Why known_hosts could not be searched. Then no host has a key of it. */
    fault?: Fault;
}

const run = promisify(execFile);

/** How many ssh-keygen run at one time. */
const LOOKUPS_AT_ONCE = 8;

/** Looks up the keys of those hosts that have none of their own, with `ssh-keygen -F`: names may be hashed there. */
export async function readKnownHosts(hosts: KnownHostArgs[], ssh: SshConfig): Promise<KnownHosts> {
    const keys = new Map<string, string | undefined>();
    const keyOf = (host: KnownHostArgs) => keys.get(nameOf(host, ssh));
    const file = ssh.knownHostsFile ?? SSH_FILES.knownHostsFile;
    const cannot = (expected: string) => ({ keyOf, fault: fault("ssh.knownHostsFile", file, expected) });
    const names = namesToFind(hosts, ssh);
    if (ssh.insecureSkipHostKeyCheck || names.length === 0) return { keyOf };
    if ((await readText(expand(file))) === undefined) return cannot("a known_hosts file that can be read");
    try {
        for (let i = 0; i < names.length; i += LOOKUPS_AT_ONCE) {
            const some = names.slice(i, i + LOOKUPS_AT_ONCE);
            await Promise.all(some.map(async (name) => keys.set(name, await findKey(expand(file), name))));
        }
        return { keyOf };
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return cannot(
                "ssh-keygen on this machine, to search the file (Debian: apt-get install openssh-client), or hostKey on every host",
            );
        }
        return cannot(`a file that ssh-keygen can search: ${(error as Error).message.trim()}`);
    }
}

// An address that is neither is a fault of its own, and no argument for a program.
const namesToFind = (hosts: KnownHostArgs[], ssh: SshConfig): string[] => [
    ...new Set(
        hosts
            .filter(
                ({ hostKey, address }) => hostKey === undefined && (isIP(address ?? "") || isDnsName(address ?? "")),
            )
            .map((host) => nameOf(host, ssh)),
    ),
];

/** The name of a host in known_hosts: its address, with the port where that is not 22. */
function nameOf(host: KnownHostArgs, ssh: SshConfig): string {
    const port = host.port ?? ssh.port ?? 22;
    return port === 22 ? host.address : `[${host.address}]:${port}`;
}

async function findKey(file: string, name: string): Promise<string | undefined> {
    try {
        return preferredKey((await run("ssh-keygen", ["-f", file, "-F", name])).stdout);
    } catch (error) {
        // ssh-keygen's status when the file has no such name.
        if ((error as { code?: unknown }).code === 1) return undefined;
        throw error;
    }
}

/** Picks ed25519 before other types, of lines like `NAMES TYPE KEY`; never a key that a line with @revoked has as well. */
function preferredKey(lines: string): string | undefined {
    const entries = lines.split("\n").map((line) => line.trim().split(/\s+/));
    const revoked = entries.filter(([marker]) => marker === "@revoked").map(([, , , key]) => key);
    const keys = entries
        .filter(([names, , key]) => key && !/^[#@]/.test(names) && !revoked.includes(key))
        .map(([, type, key]) => `${type} ${key}`);
    return keys.find((key) => key.startsWith("ssh-ed25519 ")) ?? keys[0];
}
