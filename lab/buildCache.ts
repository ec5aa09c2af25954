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

/** How long what nobody asked for is kept: other checkouts, and other sets of images, have recipes of their own. */
const keptDays = 2;

/** What this process is building, by directory: whoever else needs it waits for the same build. */
const underWay = new Map<string, Promise<void>>();

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
    if (!fs.existsSync(dir)) {
        const making = underWay.get(dir) ?? timed(say, name.replaceAll("-", " "), () => make(dir, build));
        underWay.set(dir, making);
        await making.finally(() => underWay.delete(dir));
    }
    fs.utimesSync(dir, new Date(), new Date());
    return dir;
}

async function make(dir: string, build: (dir: string) => Promise<void>): Promise<void> {
    const unfinished = `${dir}.unfinished`;
    await must(`clearing ${unfinished}`, ["rm", "-rf", unfinished]);
    fs.mkdirSync(unfinished, { recursive: true });
    await build(unfinished);
    fs.renameSync(unfinished, dir);
}

/** Removes what has not been asked for lately. Only to be called while no lab runs: it may be standing on it. */
export async function removeOlderBuilds(): Promise<void> {
    const builds = fs.readdirSync(buildDir).filter((entry) => /-[0-9a-f]{12}(\.unfinished)?$/.test(entry));
    const eldest = Date.now() - keptDays * 24 * 3600 * 1000;
    const stale = builds.map((entry) => path.join(buildDir, entry)).filter((dir) => fs.statSync(dir).mtimeMs < eldest);
    if (stale.length > 0) {
        await must("removing what older recipes built", ["rm", "-rf", ...stale]);
    }
}
