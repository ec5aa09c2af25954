import * as fs from "fs";
import { withLock } from "./lock";
import { Report, timed } from "./progress";

/** How one folder of the cache is built. */
export interface CachedBuild {
    /** The name of the step in progress messages. */
    what: string;
    /** The final folder. Its name contains a hash of everything that the content depends on. */
    folder: string;
    build: (folder: string) => Promise<void>;
    /** Returns false if the folder must be built again. @default whether it exists */
    isComplete?: (folder: string) => boolean;
}

/** Returns the folder, and builds it first if it is missing or incomplete. Concurrent callers share one build. */
export async function ensureFolder({ folder, ...cached }: CachedBuild, report: Report): Promise<string> {
    const isComplete = cached.isComplete ?? fs.existsSync;
    if (isComplete(folder)) {
        return folder;
    }
    return withLock(lockOf(folder), report, async () => {
        if (!isComplete(folder)) {
            await timed(report, cached.what, () => buildAside(folder, cached.build));
        }
        return folder;
    });
}

/** Every path that a build of the folder may leave. */
export const tracesOf = (folder: string): string[] => [folder, asideOf(folder), lockOf(folder)];

const lockOf = (folder: string): string => `${folder}.lock`;
const asideOf = (folder: string): string => `${folder}.partial`;

/** Builds beside the final folder and renames, so that an interrupted build is never mistaken for a complete one. */
async function buildAside(folder: string, build: CachedBuild["build"]): Promise<void> {
    // The caller holds the folder's lock, so only an interrupted build can have left anything here.
    const aside = asideOf(folder);
    fs.rmSync(aside, { recursive: true, force: true });
    fs.mkdirSync(aside, { recursive: true });
    await build(aside);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(aside, folder);
}
