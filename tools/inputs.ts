import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import { Recipe } from "./recipes";
import { VERSIONS } from "./versions";

/** Flags of every build. They make the executable independent of the machine that compiles it. */
export const COMMON_FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false"];

/** Returns the linker's flags: no symbols, the recipe's variables, and static linking where C is used. */
export function linkerFlags({ variables = {}, cgo }: Recipe): string {
    const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
    return ["-s -w", ...set, ...(cgo ? ["-linkmode external -extldflags -static"] : [])].join(" ");
}

/** Returns the relative paths of all source files, sorted, without tests. */
export function sourceFiles(folder: string): string[] {
    return fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort();
}

/** Returns a hash of everything that the executables depend on: sources, pins, flags, Go's version, the architecture. */
export function inputKey(recipe: Recipe): string {
    const { source, packages, tags, embeds, copies } = recipe;
    const always = [VERSIONS.go, process.arch, COMMON_FLAGS, linkerFlags(recipe), packages, tags, embeds];
    // Recipes without copies omit the field, so that executables built before it existed keep their keys.
    const settings = copies ? [...always, copies] : always;
    const hash = createHash("sha256").update(JSON.stringify(settings));
    for (const file of sourceFiles(source)) {
        const content = fs.readFileSync(path.join(source, file));
        hash.update(`\0${file}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex").slice(0, 16);
}
