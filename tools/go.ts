import * as fs from "fs";
import * as path from "path";
import { CACHE_DIR } from "./cache";
import { withLock } from "./lock";
import { findOnPath } from "./onPath";
import { must } from "./process";
import { Report, timed } from "./progress";
import { compareVersions, VERSIONS } from "./versions";

/** The paths at which Debian's packages and Go's own archive install `go`. */
const USUAL_PATHS = ["/usr/bin/go", "/usr/local/go/bin/go"];

/** Node's names of architectures, and Go's. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

let found: Promise<string> | undefined;

/** Returns a `go` command that is new enough: the machine's, or the pinned one, which is downloaded into the cache. */
export const ensureGo = (report: Report): Promise<string> => (found ??= findOrDownload(report));

async function findOrDownload(report: Report): Promise<string> {
    const downloaded = path.join(CACHE_DIR, `go-${VERSIONS.go}`, "bin/go");
    if (fs.existsSync(downloaded)) {
        return downloaded;
    }
    const own = await machineGo();
    if (own && compareVersions(own.version, VERSIONS.go) >= 0) {
        return own.command;
    }
    return withLock(path.join(CACHE_DIR, "go.lock"), report, async () => {
        if (!fs.existsSync(downloaded)) {
            const older = own?.command ?? (await installGo(report));
            await timed(report, `downloading Go ${VERSIONS.go}`, () => downloadGo(older));
        }
        return downloaded;
    });
}

async function machineGo(): Promise<{ command: string; version: string } | undefined> {
    const command = findOnPath("go") ?? USUAL_PATHS.find((file) => fs.existsSync(file));
    if (!command) {
        return undefined;
    }
    const printed = await must("asking Go its version", [command, "version"], { env: { GOTOOLCHAIN: "local" } });
    return { command, version: /go(\d+(\.\d+)*)/.exec(printed)?.[1] ?? "0" };
}

async function installGo(report: Report): Promise<string> {
    await timed(report, "installing Debian's Go, which can download a newer one", async () => {
        const env = { DEBIAN_FRONTEND: "noninteractive" };
        await must("apt-get update", ["apt-get", "update", "-q"], { env });
        await must("apt-get install", ["apt-get", "install", "-q", "-y", "--no-install-recommends", "golang-go"], {
            env,
        });
    });
    return "/usr/bin/go";
}

/**
 * Downloads Go as a module, because `go` verifies a module's content against the public checksum database. A module has no
 * execute bits, so this function sets them.
 */
async function downloadGo(older: string): Promise<void> {
    const scratch = fs.mkdtempSync(path.join(CACHE_DIR, ".go-"));
    try {
        const release = `golang.org/toolchain@v0.0.1-go${VERSIONS.go}.linux-${ARCHITECTURES[process.arch]}`;
        const printed = await must("downloading Go", [older, "mod", "download", "-modcacherw", "-json", release], {
            cwd: scratch,
            env: { GOPATH: scratch, GOMODCACHE: path.join(scratch, "mod"), GOTOOLCHAIN: "local" },
        });
        const { Dir } = JSON.parse(printed) as { Dir: string };
        makeExecutable(path.join(Dir, "bin"));
        makeExecutable(path.join(Dir, "pkg/tool", `linux_${ARCHITECTURES[process.arch]}`));
        fs.renameSync(Dir, path.join(CACHE_DIR, `go-${VERSIONS.go}`));
    } finally {
        fs.rmSync(scratch, { recursive: true, force: true });
    }
}

function makeExecutable(folder: string): void {
    for (const file of fs.readdirSync(folder)) {
        fs.chmodSync(path.join(folder, file), 0o755);
    }
}
