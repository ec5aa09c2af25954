import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

let cache: typeof import("../../lab/buildCache");
const folder = mkdtempSync(path.join(tmpdir(), "build-cache-"));
beforeAll(async () => {
    vi.stubEnv("XDG_CACHE_HOME", folder);
    vi.resetModules();
    cache = await import("../../lab/buildCache");
});
afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
});

const silent = (): void => undefined;
const write = (text: string) => async (dir: string) => writeFileSync(path.join(dir, "file"), text);

describe("what the lab builds", () => {
    it("is built once, however many ask for it at once, and kept", async () => {
        const build = vi.fn(write("built"));
        const [one, other] = await Promise.all([1, 2].map(() => cache.built(silent, "disk", "recipe", build)));
        expect(other).toBe(one);
        expect(readFileSync(path.join(one, "file"), "utf8")).toBe("built");
        expect(await cache.built(silent, "disk", "recipe", build)).toBe(one);
        expect(build).toHaveBeenCalledTimes(1);
    });

    it("is another directory for another recipe", async () => {
        const dirs = await Promise.all(["a", "b"].map((recipe) => cache.built(silent, "disk", recipe, write(recipe))));
        expect(dirs.map((dir) => readFileSync(path.join(dir, "file"), "utf8"))).toEqual(["a", "b"]);
    });

    it("is not there when it failed, and is built by who asks next", async () => {
        const fails = async (dir: string) => {
            await write("half")(dir);
            throw new Error("no space");
        };
        await expect(cache.built(silent, "disk", "fails", fails)).rejects.toThrow("no space");
        expect(existsSync(cache.buildPath("disk", "fails"))).toBe(false);
        const dir = await cache.built(silent, "disk", "fails", write("whole"));
        expect(readFileSync(path.join(dir, "file"), "utf8")).toBe("whole");
    });
});
