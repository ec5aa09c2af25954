import { createHash } from "crypto";
import * as fs from "fs";
import * as path from "path";
import { Recipe } from "./recipes";
import { versions } from "./versions";

/** The flags of every build: the same source gives the same executable, wherever it is compiled. */
export const commonFlags = ["-mod=readonly", "-trimpath", "-buildvcs=false"];

/** What the linker is told: no symbols, the recipe's variables, and nothing shared with the machine. */
export function linkerFlags({ variables = {}, cgo }: Recipe): string {
    const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
    return ["-s -w", ...set, ...(cgo ? ["-linkmode external -extldflags -static"] : [])].join(" ");
}

/** The files that make an executable, by relative path, sorted. Tests are not among them. */
export function sourceFiles(folder: string): string[] {
    return fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort();
}

/** Changes when anything changes that could change the executables: sources, pins, flags, Go, the architecture. */
export function inputKey(recipe: Recipe): string {
    const { source, packages, tags, embeds, copies } = recipe;
    const always = [versions.go, process.arch, commonFlags, linkerFlags(recipe), packages, tags, embeds];
    // Only where there are any: what is built already keeps its key.
    const settings = copies ? [...always, copies] : always;
    const hash = createHash("sha256").update(JSON.stringify(settings));
    for (const file of sourceFiles(source)) {
        const content = fs.readFileSync(path.join(source, file));
        hash.update(`\0${file}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex").slice(0, 16);
}
