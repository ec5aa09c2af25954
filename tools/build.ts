import * as fs from "fs";
import * as path from "path";
import { ensureFolder } from "./buildCache";
import { CACHE_DIR } from "./cache";
import { ensureGo } from "./go";
import { COMMON_FLAGS, inputKey, linkerFlags } from "./inputs";
import { must } from "./process";
import { Report } from "./progress";
import { outputsOf, Recipe } from "./recipes";

/** Puts a recipe's executables into an empty folder. */
export type Builder = (recipe: Recipe, target: string, report: Report) => Promise<void>;

/** Contains the size of every output. A build writes it last, so a folder without it is incomplete. */
const MANIFEST_FILE = "sizes.json";

export const TOOLS_DIR = path.join(CACHE_DIR, "tools");

export const folderOf = (recipe: Recipe, root = TOOLS_DIR): string =>
    path.join(root, `${recipe.name}-${inputKey(recipe)}`);

/** Returns true if the folder contains every output of the recipe in full size. */
export function isComplete(recipe: Recipe, folder: string): boolean {
    try {
        const sizes = JSON.parse(fs.readFileSync(path.join(folder, MANIFEST_FILE), "utf8")) as Record<string, number>;
        return outputsOf(recipe).every((name) => fs.statSync(path.join(folder, name)).size === sizes[name]);
    } catch {
        return false;
    }
}

/** Returns the folder with the recipe's outputs, and builds it first if it is missing or damaged. */
export const ensureBuilt = (
    recipe: Recipe,
    report: Report,
    { root = TOOLS_DIR, builder = buildWithGo }: { root?: string; builder?: Builder } = {},
): Promise<string> =>
    ensureFolder(
        {
            what: `building ${recipe.name} ${recipe.version}`,
            folder: folderOf(recipe, root),
            isComplete: (folder) => isComplete(recipe, folder),
            build: async (folder) => {
                await builder(recipe, folder, report);
                const sizes = outputsOf(recipe).map((name) => [name, fs.statSync(path.join(folder, name)).size]);
                fs.writeFileSync(path.join(folder, MANIFEST_FILE), JSON.stringify(Object.fromEntries(sizes)));
            },
        },
        report,
    );

/** Compiles a copy of the recipe's source, so that the build never writes to the checkout. */
async function buildWithGo(recipe: Recipe, target: string, report: Report): Promise<void> {
    const go = await ensureGo(report);
    const source = path.join(target, "source");
    const output = path.join(target, "output");
    fs.cpSync(recipe.source, source, { recursive: true });
    const options = { cwd: source, env: { CGO_ENABLED: recipe.cgo ? "1" : "0", GOTOOLCHAIN: "local", GOWORK: "off" } };
    const folderOfModule = async (module: string): Promise<string> => {
        const printed = await must(`fetching ${module}`, [go, "mod", "download", "-json", module], options);
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
    const flags = [...COMMON_FLAGS, `-tags=${recipe.tags ?? ""}`, "-ldflags", linkerFlags(recipe)];
    const packages = Object.values(recipe.packages);
    await must(`building ${recipe.name}`, [go, "build", ...flags, "-o", `${output}/`, ...packages], options);
    for (const [name, main] of Object.entries(recipe.packages)) {
        fs.renameSync(path.join(output, commandName(recipe, main)), path.join(target, name));
    }
    fs.rmSync(source, { recursive: true });
    fs.rmdirSync(output);
}

/** Returns the name that `go build` gives to a package's executable: the last part of its path that is not a major version. */
function commandName({ source }: Recipe, main: string): string {
    const packagePath = main === "." ? modulePath(source) : main;
    return path.basename(packagePath.replace(/\/v\d+$/, ""));
}

const modulePath = (source: string): string =>
    /^module (\S+)/m.exec(fs.readFileSync(path.join(source, "go.mod"), "utf8"))?.[1] ?? "";
