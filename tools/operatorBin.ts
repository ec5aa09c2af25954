import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import { cacheDir } from "./cache";
import { withLock } from "./lock";
import { findOnPath, isExecutable } from "./onPath";
import { Report, timed } from "./progress";
import { run } from "./process";
import { ensureTools, toolStates } from "./tools";
import { compareVersions, minimumPulumi, pluginVersions } from "./versions";

/** Executable → absolute path. */
type Links = Record<string, string>;

const clients = ["kubectl", "etcdctl", "crane"];

/** PATH without folders of ours: one made here before is not the machine's. */
const machinePath = (): string =>
    (process.env.PATH ?? "")
        .split(":")
        .filter((folder) => !folder.startsWith(cacheDir))
        .join(":");

const pluginFile = (name: string): string => `pulumi-resource-${name}`;

/** A folder with everything an operator runs, to put first on PATH. */
export async function operatorBin(report: Report): Promise<string> {
    const pulumi = await officialPulumi(machinePath());
    const links = pulumi
        ? { ...besides(pulumi), ...(await officialPlugins(pulumi, report)), ...(await ensureTools(clients, report)) }
        : await pinnedTools(report);
    return linkFolder(links);
}

/** Everything of ours: built side by side, in one go. */
const pinnedTools = (report: Report): Promise<Links> =>
    ensureTools(
        ["pulumi", "pulumi-language-nodejs", ...Object.keys(pluginVersions).map(pluginFile), ...clients],
        report,
    );

/** The machine's own `pulumi`, when it is recent enough and has its language host beside it. */
export async function officialPulumi(searchPath: string): Promise<string | undefined> {
    const command = findOnPath("pulumi", searchPath);
    if (!command || !isExecutable(path.join(path.dirname(fs.realpathSync(command)), "pulumi-language-nodejs"))) {
        return undefined;
    }
    const printed = await run("asking pulumi its version", [command, "version"], { env: quiet, timeoutSeconds: 30 });
    return compareVersions(printed.trim().replace(/^v/, ""), minimumPulumi) >= 0 ? fs.realpathSync(command) : undefined;
}

const quiet = { PULUMI_SKIP_UPDATE_CHECK: "true" };

/** Pulumi's release keeps its language host and that one's helper scripts in the folder of `pulumi`. */
const besides = (pulumi: string): Links => {
    const folder = path.dirname(pulumi);
    const files = fs.readdirSync(folder).filter((file) => /^pulumi(-.*nodejs.*)?$/.test(file));
    return Object.fromEntries(files.map((file) => [file, path.join(folder, file)]));
};

/** Official plugins where they can be had, in a home of our own; ours in place of those that cannot. */
async function officialPlugins(pulumi: string, report: Report): Promise<Links> {
    const links: Links = {};
    for (const [name, version] of Object.entries(pluginVersions)) {
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
    const home = path.join(cacheDir, "pulumi-home");
    const installed = path.join(home, "plugins", `resource-${name}-v${version}`, pluginFile(name));
    // Ours is only ever built after a failure; trying again each time would cost minutes on a machine without a way out.
    const gaveUp = (): boolean => toolStates().some((tool) => tool.name === pluginFile(name) && tool.cached);
    return withLock(`${home}.lock`, report, async () => {
        if (isExecutable(installed) || gaveUp()) {
            return isExecutable(installed) ? installed : undefined;
        }
        const install = [pulumi, "plugin", "install", "resource", name, version];
        const options = { env: { ...quiet, PULUMI_HOME: home }, timeoutSeconds: 120 };
        try {
            await timed(report, `installing the ${name} plugin ${version}`, () => run("pulumi", install, options));
            return installed;
        } catch (error) {
            report(`the official ${name} plugin cannot be had, so ours is used: ${(error as Error).message}`);
            return undefined;
        }
    });
}

/** A folder of links, named by where they lead: one that exists is right. */
function linkFolder(links: Links): string {
    const key = createHash("sha256").update(JSON.stringify(links)).digest("hex").slice(0, 16);
    const folder = path.join(cacheDir, `operator-${key}`);
    if (fs.existsSync(folder)) {
        return folder;
    }
    const aside = fs.mkdtempSync(path.join(cacheDir, ".operator-"));
    fs.chmodSync(aside, 0o755);
    Object.entries(links).forEach(([name, target]) => fs.symlinkSync(target, path.join(aside, name)));
    try {
        fs.renameSync(aside, folder);
    } catch (error) {
        // Another process made the same folder meanwhile.
        fs.rmSync(aside, { recursive: true });
        if (!fs.existsSync(folder)) {
            throw error;
        }
    }
    return folder;
}
