import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { ensureFolder, tracesOf } from "../tools/buildCache";
import { must } from "../tools/process";
import type { Report } from "../tools/progress";
import { BUILD_DIR } from "./paths";

/** How long an unused build is kept. Other checkouts and other sets of images have recipes, and so builds, of their own. */
const KEPT_DAYS = 2;

/** The directory of a build. Its name contains a hash of the recipe, so a changed recipe has another directory. */
export function buildPath(name: string, recipe: unknown): string {
    const key = crypto.createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
    return path.join(BUILD_DIR, `${name}-${key}`);
}

/** Returns the directory that is built from the recipe, and builds it first if the cache lacks it. */
export async function built(
    say: Report,
    name: string,
    recipe: unknown,
    build: (dir: string) => Promise<void>,
): Promise<string> {
    const folder = buildPath(name, recipe);
    await ensureFolder({ what: `building the ${name.replaceAll("-", " ")}`, folder, build }, say);
    // The time of the last use, by which `removeOlderBuilds` decides.
    fs.utimesSync(folder, new Date(), new Date());
    return folder;
}

/** Removes builds that were not used lately. Callers make sure that no lab runs, because a running lab mounts its builds. */
export async function removeOlderBuilds(): Promise<void> {
    const builds = fs.readdirSync(BUILD_DIR).filter((entry) => /-[0-9a-f]{12}(\.partial)?$/.test(entry));
    const eldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
    const stale = builds.map((entry) => path.join(BUILD_DIR, entry)).filter((dir) => fs.statSync(dir).mtimeMs < eldest);
    if (stale.length > 0) {
        await must("removing unused builds", ["rm", "-rf", ...stale.flatMap(tracesOf)]);
    }
}
