import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { buildDir } from "./paths";
import { Report, timed } from "./report";
import { must } from "./process";

/** The directory of something built from `recipe`; another recipe is another directory. */
export function buildPath(name: string, recipe: unknown): string {
    const key = crypto.createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
    return path.join(buildDir, `${name}-${key}`);
}

/** What this process has asked for: all of it is of the present recipes. */
const inUse = new Set<string>();

/**
 * Returns the directory built from `recipe`, building it when this machine has not got it.
 * It appears under its name only when it is whole, so that an interrupted build is simply made again.
 */
export async function built(
    say: Report,
    name: string,
    recipe: unknown,
    build: (dir: string) => Promise<void>,
): Promise<string> {
    const dir = buildPath(name, recipe);
    inUse.add(path.basename(dir));
    if (!fs.existsSync(dir)) {
        const unfinished = `${dir}.unfinished`;
        await must(`clearing ${unfinished}`, ["rm", "-rf", unfinished]);
        fs.mkdirSync(unfinished, { recursive: true });
        await timed(say, name.replaceAll("-", " "), () => build(unfinished));
        fs.renameSync(unfinished, dir);
    }
    return dir;
}

/** Removes what older recipes built. Only to be called while no lab runs: it may be standing on it. */
export async function removeOlderBuilds(): Promise<void> {
    const builds = fs.readdirSync(buildDir).filter((entry) => /-[0-9a-f]{12}(\.unfinished)?$/.test(entry));
    const stale = builds.filter((entry) => !inUse.has(entry)).map((entry) => path.join(buildDir, entry));
    if (stale.length > 0) {
        await must("removing what older recipes built", ["rm", "-rf", ...stale]);
    }
}
