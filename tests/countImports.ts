import { readFileSync } from "fs";
import * as path from "path";
import { cycles, Import, readImports, sourceFiles } from "./imports";

// Counts what the house test forbids or keeps small, of components/ or of another folder: for a comparison of two versions.
// Usage: npx tsx tests/countImports.ts [FOLDER]

const folder = path.resolve(process.argv[2] ?? "components");
const imports = readImports(folder).filter(({ from }) => from !== "index.ts");
const files = sourceFiles(folder);
const between = imports
    .map(({ from, to }): Import => ({ from: path.dirname(from), to: path.dirname(to) }))
    .filter(({ from, to }) => from !== to);
const distinct = (list: Import[]): number => new Set(list.map(({ from, to }) => `${from} ${to}`)).size;
const lines = (file: string): number => readFileSync(path.join(folder, file), "utf8").split("\n").length - 1;

console.log({
    files: files.length,
    folders: new Set(files.map((file) => path.dirname(file))).size,
    "imports of a file by another": distinct(imports),
    "imports of a folder by another": distinct(between),
    "cycles of files": cycles(imports),
    "cycles of folders": cycles(between),
    "files with more than 150 lines": files.filter((file) => lines(file) > 150).length,
    "files with more than 200 lines": files.filter((file) => lines(file) > 200).length,
});
