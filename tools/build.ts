import * as fs from "fs";
import * as path from "path";
import { cacheDir } from "./cache";
import { ensureGo } from "./go";
import { commonFlags, inputKey, linkerFlags } from "./inputs";
import { withLock } from "./lock";
import { Report, timed } from "./progress";
import { run } from "./process";
import { outputsOf, Recipe } from "./recipes";

/** Makes a recipe's executables in an empty folder. */
export type Builder = (recipe: Recipe, target: string, report: Report) => Promise<void>;

/** Lists the size of each thing made, written last: a folder without it, or at odds with it, is not used. */
const manifestFile = "sizes.json";

export const toolsDir = path.join(cacheDir, "tools");

export const folderOf = (recipe: Recipe, root = toolsDir): string =>
    path.join(root, `${recipe.name}-${inputKey(recipe)}`);

/** True when the folder holds all that the recipe makes, whole. */
export function isComplete(recipe: Recipe, folder: string): boolean {
    try {
        const sizes = JSON.parse(fs.readFileSync(path.join(folder, manifestFile), "utf8"));
        return outputsOf(recipe).every((name) => fs.statSync(path.join(folder, name)).size === sizes[name]);
    } catch {
        return false;
    }
}

/** The folder with what the recipe makes, built first where it is missing or damaged. */
export async function ensureBuilt(
    recipe: Recipe,
    report: Report,
    { root = toolsDir, builder = buildWithGo }: { root?: string; builder?: Builder } = {},
): Promise<string> {
    const folder = folderOf(recipe, root);
    if (isComplete(recipe, folder)) {
        return folder;
    }
    return withLock(`${folder}.lock`, report, async () => {
        if (!isComplete(recipe, folder)) {
            await timed(report, `building ${recipe.name} ${recipe.version}`, () =>
                buildAside(recipe, folder, report, builder),
            );
        }
        return folder;
    });
}

/** Builds beside the final folder and renames, so that a build that was interrupted leaves nothing that looks done. */
async function buildAside(recipe: Recipe, folder: string, report: Report, builder: Builder): Promise<void> {
    // Held under the recipe's lock, so what an interrupted build left under this name is nobody's.
    const aside = `${folder}.partial`;
    fs.rmSync(aside, { recursive: true, force: true });
    fs.mkdirSync(aside, { recursive: true });
    await builder(recipe, aside, report);
    const sizes = outputsOf(recipe).map((name) => [name, fs.statSync(path.join(aside, name)).size]);
    fs.writeFileSync(path.join(aside, manifestFile), JSON.stringify(Object.fromEntries(sizes)));
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(aside, folder);
}

/** Compiles a copy of the recipe's source: the checkout is never written to. */
async function buildWithGo(recipe: Recipe, target: string, report: Report): Promise<void> {
    const go = await ensureGo(report);
    const source = path.join(target, "source");
    const output = path.join(target, "output");
    fs.cpSync(recipe.source, source, { recursive: true });
    const options = { cwd: source, env: { CGO_ENABLED: recipe.cgo ? "1" : "0", GOTOOLCHAIN: "local", GOWORK: "off" } };
    const folderOfModule = async (module: string): Promise<string> => {
        const printed = await run(`fetching ${module}`, [go, "mod", "download", "-json", module], options);
        return (JSON.parse(printed) as { Dir: string }).Dir;
    };
    if (recipe.embeds) {
        const folder = await folderOfModule(recipe.embeds.module);
        recipe.embeds.files.forEach((file) =>
            fs.copyFileSync(path.join(folder, file), path.join(source, path.basename(file))),
        );
    }
    if (recipe.copies) {
        const folder = await folderOfModule(recipe.copies.module);
        Object.entries(recipe.copies.paths).forEach(([name, file]) =>
            fs.cpSync(path.join(folder, file), path.join(target, name), { recursive: true }),
        );
    }
    const flags = [...commonFlags, `-tags=${recipe.tags ?? ""}`, "-ldflags", linkerFlags(recipe)];
    const packages = Object.values(recipe.packages);
    await run(`building ${recipe.name}`, [go, "build", ...flags, "-o", `${output}/`, ...packages], options);
    for (const [name, main] of Object.entries(recipe.packages)) {
        fs.renameSync(path.join(output, commandName(recipe, main)), path.join(target, name));
    }
    fs.rmSync(source, { recursive: true });
    fs.rmdirSync(output);
}

/** What `go build` calls the executable of a package: the last part of its path that is not a major version. */
function commandName({ source }: Recipe, main: string): string {
    const packagePath = main === "." ? modulePath(source) : main;
    return path.basename(packagePath.replace(/\/v\d+$/, ""));
}

const modulePath = (source: string): string =>
    /^module (\S+)/m.exec(fs.readFileSync(path.join(source, "go.mod"), "utf8"))?.[1] ?? "";
