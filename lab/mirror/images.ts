import * as fs from "fs";
import * as path from "path";
import { built } from "../buildCache";
import { must } from "../process";
import type { Report } from "../report";
import { bootstrap } from "../rootfs/build";
import { Layer, RegistryStorage } from "./image";
import { imageBases, ImageRecipe, imageRecipes, ImageSet, imageTools } from "./imageRecipes";
import type { Tools } from "./packages";

/** The directory of each image base. */
type Bases = Record<string, string>;

/** What upstream's images have beside their programs. */
export const oursDir = path.join(__dirname, "images");

/** The registry's storage directory, with every image a cluster needs. */
export async function registryStorage(say: Report, tools: Tools, set: ImageSet): Promise<string> {
    const recipes = imageRecipes[set];
    const bases: Bases = {};
    for (const name of new Set(recipes.flatMap(({ base }) => base ?? []))) {
        bases[name] = await imageBase(say, `${name}-image-base`, imageBases[name]);
    }
    const scripts = recipes.flatMap(({ adapt }) => adapt ?? []);
    const sources = ["images.ts", "image.ts", ...scripts].map((file) =>
        fs.readFileSync(path.join(__dirname, file), "utf8"),
    );
    const recipe = [bases, imageTools(set).map((name) => tools[name]), recipes, sources, await oursAsText()];
    return built(say, "image-registry", recipe, (dir) => fill(new RegistryStorage(dir), tools, bases, recipes));
}

/** Names, modes, links and texts of all that is ours in images: a change in them makes the images anew. */
const oursAsText = (): Promise<string> =>
    must("reading what is ours in images", ["tar", "--sort=name", "--mtime=@0", "-C", oursDir, "-c", "."]);

/** Packages unpacked, not installed: an image needs their files, not a working dpkg. */
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

/** A layer with nothing but what is ours and what the toolchain made, by its path in the image. */
async function upperLayer(registry: RegistryStorage, tools: Tools, recipe: ImageRecipe): Promise<Layer> {
    const { files = {}, ours, adapt } = recipe;
    const stage = fs.mkdtempSync("/tmp/lab-layer-");
    try {
        if (ours) {
            fs.cpSync(path.join(oursDir, ours), stage, { recursive: true, verbatimSymlinks: true });
            await must("opening an image layer to all", ["chmod", "-R", "a+rX", stage]);
        }
        for (const [file, tool] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(stage, file)), { recursive: true });
            fs.cpSync(tools[tool], path.join(stage, file), { recursive: true });
            // A Go module carries no execute bits, so the scripts of one have none either.
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
