import * as path from "path";
import { readFileSync, readdirSync, statSync } from "fs";
import { createHash } from "crypto";

/** Folder in the SSH user's home that holds the scripts. */
export const TOOLKIT = ".pulumi-kubeadm";

/**
 * The scripts that run on hosts. They are copied there once per host, not sent with every step: Pulumi keeps a step's
 * input twice in its state (host/copy.ts).
 */
const SCRIPTS = findScripts();

/** The folder, relative to the program: an absolute path in the state would differ between two checkouts. */
export const toolkitFolder = (): string => path.relative(process.cwd(), SCRIPTS) || ".";

/** Changes with any script, so that every step runs again when what it would do may have changed. */
export const toolkitDigest = digestOf(SCRIPTS);

/** The text of a script that does not run on a host. */
export const scriptText = (name: string): string => readFileSync(path.join(SCRIPTS, name), "utf8");

// Compiled code lies in bin/components, the scripts beside the sources.
function findScripts(): string {
    const candidates = [
        path.join(__dirname, "..", "scripts"),
        path.join(__dirname, "..", "..", "..", "components", "scripts"),
    ];
    const found = candidates.find((folder) => statSync(path.join(folder, "run.sh"), { throwIfNoEntry: false }));
    if (!found) {
        throw new Error(
            `the package pulumi-kubeadm is incomplete: ${candidates[0]}/run.sh is missing; install the package again`,
        );
    }
    return found;
}

function digestOf(folder: string): string {
    const hash = createHash("sha256");
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
        const full = path.join(folder, file);
        if (statSync(full).isFile()) hash.update(`${file}\0`).update(readFileSync(full));
    }
    return hash.digest("hex").slice(0, 12);
}
