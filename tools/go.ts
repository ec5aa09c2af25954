import * as fs from "fs";
import * as path from "path";
import { cacheDir } from "./cache";
import { withLock } from "./lock";
import { findOnPath } from "./onPath";
import { Report, timed } from "./progress";
import { run } from "./process";
import { compareVersions, versions } from "./versions";

/** Where Debian's golang packages put their command. */
const distributionGo = ["/usr/bin/go", "/usr/local/go/bin/go"];

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

let found: Promise<string> | undefined;

/** A `go` command that is new enough: the machine's, or the pinned one, fetched into the cache. Looked for once. */
export const ensureGo = (report: Report): Promise<string> => (found ??= findOrFetch(report));

async function findOrFetch(report: Report): Promise<string> {
    const fetched = path.join(cacheDir, `go-${versions.go}`, "bin/go");
    if (fs.existsSync(fetched)) {
        return fetched;
    }
    const own = await machineGo();
    if (own && compareVersions(own.version, versions.go) >= 0) {
        return own.command;
    }
    return withLock(path.join(cacheDir, "go.lock"), report, async () => {
        if (!fs.existsSync(fetched)) {
            const older = own?.command ?? (await installGo(report));
            await timed(report, `fetching Go ${versions.go}`, () => fetchGo(older));
        }
        return fetched;
    });
}

async function machineGo(): Promise<{ command: string; version: string } | undefined> {
    const command = findOnPath("go") ?? distributionGo.find((file) => fs.existsSync(file));
    if (!command) {
        return undefined;
    }
    const printed = await run("asking Go its version", [command, "version"], { env: { GOTOOLCHAIN: "local" } });
    return { command, version: /go(\d+(\.\d+)*)/.exec(printed)?.[1] ?? "0" };
}

async function installGo(report: Report): Promise<string> {
    await timed(report, "installing Debian's Go, which can fetch a newer one", async () => {
        const env = { DEBIAN_FRONTEND: "noninteractive" };
        await run("apt-get update", ["apt-get", "update", "-q"], { env });
        await run("apt-get install", ["apt-get", "install", "-q", "-y", "--no-install-recommends", "golang-go"], {
            env,
        });
    });
    return "/usr/bin/go";
}

/**
 * A Go release is also a module, whose content `go` verifies against the public checksum database. Modules carry no
 * execute bits, so those are set here.
 */
async function fetchGo(older: string): Promise<void> {
    const scratch = fs.mkdtempSync(path.join(cacheDir, ".go-"));
    try {
        const release = `golang.org/toolchain@v0.0.1-go${versions.go}.linux-${architectures[process.arch]}`;
        const printed = await run("fetching Go", [older, "mod", "download", "-modcacherw", "-json", release], {
            cwd: scratch,
            env: { GOPATH: scratch, GOMODCACHE: path.join(scratch, "mod"), GOTOOLCHAIN: "local" },
        });
        const { Dir } = JSON.parse(printed) as { Dir: string };
        makeExecutable(path.join(Dir, "bin"));
        makeExecutable(path.join(Dir, "pkg/tool", `linux_${architectures[process.arch]}`));
        fs.renameSync(Dir, path.join(cacheDir, `go-${versions.go}`));
    } finally {
        fs.rmSync(scratch, { recursive: true, force: true });
    }
}

function makeExecutable(folder: string): void {
    for (const file of fs.readdirSync(folder)) {
        fs.chmodSync(path.join(folder, file), 0o755);
    }
}
