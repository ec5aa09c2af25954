import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import { ensureFolder } from "./buildCache";
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

/** Changes when a folder is made differently from the same links. */
const LAYOUT = 2;

/** The variables with which Pulumi looks for plugins in its home alone. */
interface PluginEnvironment {
    PULUMI_HOME: string;
    PULUMI_IGNORE_AMBIENT_PLUGINS: string;
}

const pluginVariables = (home: string): PluginEnvironment => ({
    PULUMI_HOME: home,
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
});

/** Where `operatorBin` installs the plugins, in its folder. */
const installedPlugins = (folder: string): string => path.join(folder, "home/plugins");

/**
 * Makes the plugins of the folder that `operatorBin` returned those of a Pulumi home, and returns the variables that select
 * them. Pulumi would also find them on PATH, but then each run prints a warning for each plugin.
 */
export function pluginEnvironment(home: string, folder: string): PluginEnvironment {
    const link = path.join(home, "plugins");
    const target = installedPlugins(folder);
    fs.mkdirSync(home, { recursive: true });
    const current = fs.lstatSync(link, { throwIfNoEntry: false });
    if (!current?.isSymbolicLink() || fs.readlinkSync(link) !== target) {
        if (current?.isDirectory()) fs.rmSync(link, { recursive: true });
        // Another process may do the same meanwhile.
        const aside = `${link}.${process.pid}`;
        fs.symlinkSync(target, aside);
        fs.renameSync(aside, link);
    }
    return pluginVariables(home);
}

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
    return operatorFolder(links, report);
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
    if (!command || !hasLanguageHost(command)) {
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

const hasLanguageHost = (pulumi: string): boolean =>
    isExecutable(path.join(path.dirname(fs.realpathSync(pulumi)), "pulumi-language-nodejs"));

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

/**
 * Returns a folder with the links, and with a Pulumi home that contains the plugins. Its name is a hash of the links'
 * targets. A target that was built again since makes the folder incomplete.
 */
function operatorFolder(links: Links, report: Report): Promise<string> {
    const key = createHash("sha256")
        .update(JSON.stringify([LAYOUT, links]))
        .digest("hex")
        .slice(0, 16);
    return ensureFolder(
        {
            what: "installing Pulumi's plugins",
            folder: path.join(CACHE_DIR, `operator-${key}`),
            isComplete: (folder) =>
                Object.entries(links).every(([name, target]) => isSameFile(path.join(folder, name), target)),
            build: async (folder) => {
                linkAll(folder, links);
                await installPlugins(folder, links);
            },
        },
        report,
    );
}

export function linkAll(folder: string, links: Links): void {
    for (const [name, target] of Object.entries(links)) {
        // Pulumi expects the language host beside its own executable, wherever a symbolic link leads.
        const link = name === "pulumi" && !hasLanguageHost(target) ? fs.linkSync : fs.symlinkSync;
        link(target, path.join(folder, name));
    }
}

async function installPlugins(folder: string, links: Links): Promise<void> {
    const env = { ...QUIET, ...pluginVariables(path.dirname(installedPlugins(folder))) };
    for (const [name, version] of Object.entries(PLUGIN_VERSIONS)) {
        const file = links[pluginFile(name)];
        const install = [links.pulumi, "plugin", "install", "resource", name, version, "--file", file];
        await must(`installing the ${name} plugin ${version}`, install, { env, timeoutMs: 120_000 });
    }
}

function isSameFile(a: string, b: string): boolean {
    const [left, right] = [a, b].map((file) => fs.statSync(file, { throwIfNoEntry: false }));
    return left !== undefined && left.ino === right?.ino && left.dev === right.dev;
}
