import * as os from "os";
import * as path from "path";
import { ensureBuilt, folderOf, isComplete } from "./build";
import { Report } from "./progress";
import { outputsOf, Recipe, recipeOf, RECIPES } from "./recipes";

/** The name of an executable, or of a file or folder that a recipe copies. */
export type ToolName = string;

/** Concurrent builds. One `go build` uses several cores already, and its linker up to 3 GB of memory. */
const CONCURRENCY = Math.min(4, Math.max(2, Math.floor(os.cpus().length / 4)));

/** Returns the paths of the named tools, and builds those that the cache lacks. Executables are static. */
export async function ensureTools(names: ToolName[], report: Report): Promise<Record<ToolName, string>> {
    const needed = new Set(names.map(recipeOf));
    const folders = new Map<Recipe, string>();
    const queue = RECIPES.filter((recipe) => needed.has(recipe));
    const worker = async (): Promise<void> => {
        for (let recipe = queue.shift(); recipe; recipe = queue.shift()) {
            folders.set(recipe, await ensureBuilt(recipe, report));
        }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    return Object.fromEntries(names.map((name) => [name, path.join(folders.get(recipeOf(name)) as string, name)]));
}

export interface ToolState {
    name: ToolName;
    version: string;
    path: string;
    cached: boolean;
}

/** Returns every tool with its path, whether or not it is built. */
export function toolStates(): ToolState[] {
    return RECIPES.flatMap((recipe) => {
        const folder = folderOf(recipe);
        const cached = isComplete(recipe, folder);
        const { version } = recipe;
        return outputsOf(recipe).map((name) => ({ name, version, path: path.join(folder, name), cached }));
    });
}
