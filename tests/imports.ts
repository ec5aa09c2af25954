import { readdirSync, readFileSync } from "fs";
import * as path from "path";
import { preProcessFile } from "typescript";

/** One import of a file by another, both as paths below the folder that was read. Type imports count too. */
export interface Import {
    from: string;
    to: string;
}

const isSource = (file: string): boolean => file.endsWith(".ts");

/** The TypeScript files of a folder, as paths below it. */
export const sourceFiles = (root: string): string[] =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).filter(isSource).sort();

const specifiersOf = (root: string, file: string): string[] =>
    preProcessFile(readFileSync(path.join(root, file), "utf8")).importedFiles.map(({ fileName }) => fileName);

/** The imports between the programs of a folder; data is no program. */
export function readImports(root: string): Import[] {
    const files = sourceFiles(root);
    return files.flatMap((from) =>
        specifiersOf(root, from)
            .filter((specifier) => specifier.startsWith(".") && !specifier.endsWith(".json"))
            .map((specifier) => ({ from, to: resolve(path.join(path.dirname(from), specifier), files) })),
    );
}

/** The files of a folder that import a package. */
export const importersOf = (root: string, packageName: string): string[] =>
    sourceFiles(root).filter((file) => specifiersOf(root, file).includes(packageName));

function resolve(target: string, files: string[]): string {
    const found = [`${target}.ts`, `${target}.d.ts`, path.join(target, "index.ts")].find((file) =>
        files.includes(file),
    );
    if (found === undefined) throw new Error(`import of ${target}: there is no such file`);
    return found;
}

/** Groups of files that import each other, directly or by way of others. */
export function cycles(imports: Import[]): string[] {
    const names = [...new Set(imports.flatMap(({ from, to }) => [from, to]))];
    const reached = new Map(names.map((name) => [name, reachedFrom(name, imports)]));
    const groups = names.map((name) =>
        names.filter((other) => reached.get(name)?.has(other) && reached.get(other)?.has(name)).join(" "),
    );
    return [...new Set(groups.filter((group) => group !== ""))];
}

function reachedFrom(name: string, imports: Import[]): Set<string> {
    const reached = new Set<string>();
    const open = [name];
    for (let current = open.pop(); current !== undefined; current = open.pop()) {
        for (const { from, to } of imports) {
            if (from !== current || reached.has(to)) continue;
            reached.add(to);
            open.push(to);
        }
    }
    return reached;
}
