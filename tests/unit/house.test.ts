import { existsSync, readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { cycles, importersOf, readImports, sourceFiles } from "../imports";

const ROOT = path.resolve(__dirname, "../../components");

/** What the files of each folder may import, besides their own folder. */
const BELOW: Record<string, string[]> = {
    lib: [],
    versions: ["lib"],
    model: ["lib", "versions"],
    stack: ["lib", "versions", "model"],
    host: ["lib", "versions", "model"],
    etcd: ["lib", "versions", "model", "host"],
    "load-balancer": ["lib", "versions", "model", "host"],
    addons: ["lib", "versions", "model", "host"],
    cluster: ["lib", "versions", "model", "host", "etcd", "load-balancer", "addons"],
};

const imports = readImports(ROOT).filter(({ from }) => from !== "index.ts");
const folderOf = (file: string): string => path.dirname(file);

describe("components/", () => {
    it("has the folders of its README, and no others", () => {
        const folders = [
            ...new Set(
                sourceFiles(ROOT)
                    .map(folderOf)
                    .filter((folder) => folder !== "."),
            ),
        ];
        expect(folders.sort()).toEqual(Object.keys(BELOW).sort());
        const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
        for (const folder of folders) expect(readme, folder).toContain(`\`${folder}/\``);
    });

    it("imports in one direction", () => {
        const upwards = imports
            .filter(({ from, to }) => folderOf(to) !== folderOf(from) && !BELOW[folderOf(from)]?.includes(folderOf(to)))
            .map(({ from, to }) => `${from} imports ${to}`);
        expect(upwards).toEqual([]);
    });

    it("has no files that import each other", () => {
        expect(cycles(imports)).toEqual([]);
    });

    it("uses a file's name at most twice: in model/ and in one other folder", () => {
        const places = new Map<string, string[]>();
        for (const file of sourceFiles(ROOT)) {
            const name = path.basename(file);
            places.set(name, [...(places.get(name) ?? []), folderOf(file)]);
        }
        const wrong = [...places].filter(
            ([, folders]) => folders.length > 2 || (folders.length === 2 && !folders.includes("model")),
        );
        expect(wrong).toEqual([]);
    });

    it("imports @pulumi/command in host/ alone", () => {
        expect(importersOf(ROOT, "@pulumi/command").filter((file) => folderOf(file) !== "host")).toEqual([]);
    });

    it("tells in its README of no file that is not there", () => {
        const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
        const named = [...readme.matchAll(/`([a-z-]+\/[\w/-]+\.(?:ts|sh))`/g)].map(([, file]) => file);
        expect(named.length).toBeGreaterThan(10);
        for (const file of named) expect(existsSync(path.join(ROOT, file)), file).toBe(true);
    });
});

describe("cycles", () => {
    it("are found around a corner, and not where there are none", () => {
        const chain = [
            { from: "a", to: "b" },
            { from: "b", to: "c" },
        ];
        expect(cycles(chain)).toEqual([]);
        expect(cycles([...chain, { from: "c", to: "a" }])).toEqual(["a b c"]);
    });
});
