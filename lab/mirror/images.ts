import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import type { Report } from "../../tools/progress";
import { built } from "../buildCache";
import { bootstrap } from "../rootfs/build";
import { Layer, RegistryStorage } from "./image";
import { IMAGE_BASES, ImageRecipe, IMAGE_RECIPES, ImageSet, imageTools } from "./imageRecipes";
import type { Tools } from "./packages";

/** Name of an image base → its directory. */
type Bases = Record<string, string>;

/** Files that upstream's images contain besides their programs. */
export const OURS_DIR = path.join(__dirname, "images");

/** Returns the registry's storage directory with all images of the set. */
export async function registryStorage(say: Report, tools: Tools, set: ImageSet): Promise<string> {
    const recipes = IMAGE_RECIPES[set];
    const bases: Bases = {};
    for (const name of new Set(recipes.flatMap(({ base }) => base ?? []))) {
        bases[name] = await imageBase(say, `${name}-image-base`, IMAGE_BASES[name]);
    }
    const scripts = recipes.flatMap(({ adapt }) => adapt ?? []);
    const sources = ["images.ts", "image.ts", ...scripts].map((file) =>
        fs.readFileSync(path.join(__dirname, file), "utf8"),
    );
    const recipe = [bases, imageTools(set).map((name) => tools[name]), recipes, sources, await oursAsText()];
    return built(say, "image-registry", recipe, (dir) => fill(new RegistryStorage(dir), tools, bases, recipes));
}

/** Returns an archive of our own files in images. It is part of the build's key, so a change rebuilds the images. */
const oursAsText = (): Promise<string> =>
    must("reading our own files in images", ["tar", "--sort=name", "--mtime=@0", "-C", OURS_DIR, "-c", "."]);

/** Returns a directory with unpacked packages. They are not installed, because an image needs no working dpkg. */
function imageBase(say: Report, name: string, packages: string[]): Promise<string> {
    const script = path.join(__dirname, "trim-image-base.sh");
    return built(say, name, [packages, fs.readFileSync(script, "utf8")], async (dir) => {
        await bootstrap(dir, [`--include=${packages.join(",")}`], "extract");
        await must("trimming an image base", ["bash", script, dir]);
    });
}

async function fill(registry: RegistryStorage, tools: Tools, bases: Bases, recipes: ImageRecipe[]): Promise<void> {
    const baseLayers: Record<string, Layer> = {};
    for (const [name, dir] of Object.entries(bases)) {
        baseLayers[name] = await registry.addLayer(dir);
    }
    for (const recipe of recipes) {
        const below = recipe.base ? [baseLayers[recipe.base]] : [];
        const above = recipe.files || recipe.ours ? [await upperLayer(registry, tools, recipe)] : [];
        registry.addImage({ ...recipe, layers: [...below, ...above] });
    }
}

/** Packs a layer of our own files and the toolchain's. */
async function upperLayer(registry: RegistryStorage, tools: Tools, recipe: ImageRecipe): Promise<Layer> {
    const { files = {}, ours, adapt } = recipe;
    const stage = fs.mkdtempSync("/tmp/lab-layer-");
    try {
        if (ours) {
            fs.cpSync(path.join(OURS_DIR, ours), stage, { recursive: true, verbatimSymlinks: true });
            await must("opening an image layer to all", ["chmod", "-R", "a+rX", stage]);
        }
        for (const [file, tool] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(stage, file)), { recursive: true });
            fs.cpSync(tools[tool], path.join(stage, file), { recursive: true });
            // Scripts from a Go module have no execute bits.
            await must("opening an image layer to all", ["chmod", "-R", "0755", path.join(stage, file)]);
        }
        if (adapt) {
            await must(`adapting ${recipe.repository}`, ["bash", path.join(__dirname, adapt), stage]);
        }
        fs.chmodSync(stage, 0o755);
        return await registry.addLayer(stage);
    } finally {
        fs.rmSync(stage, { recursive: true });
    }
}
