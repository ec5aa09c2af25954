import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import { CACHE_DIR } from "./cache";
import { withLock } from "./lock";
import { findOnPath, isExecutable } from "./onPath";
import { must } from "./process";
import { Report, timed } from "./progress";
import { ensureTools, toolStates } from "./tools";
import { compareVersions, MINIMUM_PULUMI, PLUGIN_VERSIONS } from "./versions";

/** Executable → absolute path. */
type Links = Record<string, string>;

/** Tools that are always ours, so that they match the cluster. */
const CLIENTS = ["kubectl", "etcdctl", "crane"];

/** Keeps `pulumi` from asking for a newer release. */
const QUIET = { PULUMI_SKIP_UPDATE_CHECK: "true" };

/** Returns PATH without the folders that this module made earlier. */
const machinePath = (): string =>
    (process.env.PATH ?? "")
        .split(":")
        .filter((folder) => !folder.startsWith(CACHE_DIR))
        .join(":");

const pluginFile = (name: string): string => `pulumi-resource-${name}`;

/** Returns a folder with all programs that an operator runs. Callers put it first on PATH. */
export async function operatorBin(report: Report): Promise<string> {
    const pulumi = await officialPulumi(machinePath());
    const links = pulumi
        ? {
              ...withLanguageHost(pulumi),
              ...(await officialPlugins(pulumi, report)),
              ...(await ensureTools(CLIENTS, report)),
          }
        : await pinnedTools(report);
    return linkFolder(links);
}

/** Returns our own build of every program. */
const pinnedTools = (report: Report): Promise<Links> =>
    ensureTools(
        ["pulumi", "pulumi-language-nodejs", ...Object.keys(PLUGIN_VERSIONS).map(pluginFile), ...CLIENTS],
        report,
    );

/** Returns the machine's own `pulumi` if it is recent enough and has its language host beside it. */
export async function officialPulumi(searchPath: string): Promise<string | undefined> {
    const command = findOnPath("pulumi", searchPath);
    if (!command || !isExecutable(path.join(path.dirname(fs.realpathSync(command)), "pulumi-language-nodejs"))) {
        return undefined;
    }
    const printed = await must("asking pulumi its version", [command, "version"], {
        env: QUIET,
        timeoutMs: 30_000,
    });
    return compareVersions(printed.trim().replace(/^v/, ""), MINIMUM_PULUMI) >= 0
        ? fs.realpathSync(command)
        : undefined;
}

/** Returns `pulumi` with its language host and that host's helper scripts, which a release keeps in the same folder. */
const withLanguageHost = (pulumi: string): Links => {
    const folder = path.dirname(pulumi);
    const files = fs.readdirSync(folder).filter((file) => /^pulumi(-.*nodejs.*)?$/.test(file));
    return Object.fromEntries(files.map((file) => [file, path.join(folder, file)]));
};

/** Returns the official plugins, and our own build of each that cannot be downloaded. */
async function officialPlugins(pulumi: string, report: Report): Promise<Links> {
    const links: Links = {};
    for (const [name, version] of Object.entries(PLUGIN_VERSIONS)) {
        const file = pluginFile(name);
        const official = findOnPath(file, machinePath()) ?? (await officialPlugin(pulumi, name, version, report));
        links[file] = official ?? (await ensureTools([file], report))[file];
    }
    return links;
}

async function officialPlugin(
    pulumi: string,
    name: string,
    version: string,
    report: Report,
): Promise<string | undefined> {
    const home = path.join(CACHE_DIR, "pulumi-home");
    const installed = path.join(home, "plugins", `resource-${name}-v${version}`, pluginFile(name));
    // Our own plugin is built only after a failed download. Another attempt each time would take minutes on such a machine.
    const gaveUp = (): boolean => toolStates().some((tool) => tool.name === pluginFile(name) && tool.cached);
    return withLock(`${home}.lock`, report, async () => {
        if (isExecutable(installed) || gaveUp()) {
            return isExecutable(installed) ? installed : undefined;
        }
        const install = [pulumi, "plugin", "install", "resource", name, version];
        const options = { env: { ...QUIET, PULUMI_HOME: home }, timeoutMs: 120_000 };
        try {
            await timed(report, `installing the ${name} plugin ${version}`, () =>
                must("pulumi plugin install", install, options),
            );
            return installed;
        } catch (error) {
            report(`the official ${name} plugin cannot be downloaded, so our own is used: ${(error as Error).message}`);
            return undefined;
        }
    });
}

/** Returns a folder with the links. Its name is a hash of their targets, so an existing folder is correct. */
function linkFolder(links: Links): string {
    const key = createHash("sha256").update(JSON.stringify(links)).digest("hex").slice(0, 16);
    const folder = path.join(CACHE_DIR, `operator-${key}`);
    if (fs.existsSync(folder)) {
        return folder;
    }
    const aside = fs.mkdtempSync(path.join(CACHE_DIR, ".operator-"));
    fs.chmodSync(aside, 0o755);
    Object.entries(links).forEach(([name, target]) => fs.symlinkSync(target, path.join(aside, name)));
    try {
        fs.renameSync(aside, folder);
    } catch (error) {
        // Another process may have made the same folder meanwhile.
        fs.rmSync(aside, { recursive: true });
        if (!fs.existsSync(folder)) {
            throw error;
        }
    }
    return folder;
}
