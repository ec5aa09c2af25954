import * as os from "os";
import * as path from "path";
import { ensureBuilt, folderOf, isComplete } from "./build";
import { Report } from "./progress";
import { outputsOf, Recipe, recipeOf, recipes } from "./recipes";

/** The name of an executable, or of something else that a recipe makes. */
export type ToolName = string;

/** `go build` keeps several cores busy itself; more at a time would only cost memory, up to 3 GB each to link. */
const sideBySide = Math.min(4, Math.max(2, Math.floor(os.cpus().length / 4)));

/** The pinned executables of these names, static and built from pinned source where the cache has none: name → path. */
export async function ensureTools(names: ToolName[], report: Report): Promise<Record<ToolName, string>> {
    const needed = new Set(names.map(recipeOf));
    const folders = new Map<Recipe, string>();
    const queue = recipes.filter((recipe) => needed.has(recipe));
    const worker = async (): Promise<void> => {
        for (let recipe = queue.shift(); recipe; recipe = queue.shift()) {
            folders.set(recipe, await ensureBuilt(recipe, report));
        }
    };
    await Promise.all(Array.from({ length: sideBySide }, worker));
    return Object.fromEntries(names.map((name) => [name, path.join(folders.get(recipeOf(name)) as string, name)]));
}

export interface ToolState {
    name: ToolName;
    version: string;
    path: string;
    cached: boolean;
}

/** Every tool, where it is or would be. */
export function toolStates(): ToolState[] {
    return recipes.flatMap((recipe) => {
        const folder = folderOf(recipe);
        const cached = isComplete(recipe, folder);
        const { version } = recipe;
        return outputsOf(recipe).map((name) => ({ name, version, path: path.join(folder, name), cached }));
    });
}
