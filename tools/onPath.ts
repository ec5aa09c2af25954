import * as fs from "fs";
import * as path from "path";

/** Returns the absolute path of the first executable with this name on PATH. */
export function findOnPath(name: string, searchPath = process.env.PATH ?? ""): string | undefined {
    return searchPath
        .split(":")
        .filter((folder) => path.isAbsolute(folder))
        .map((folder) => path.join(folder, name))
        .find(isExecutable);
}

export function isExecutable(file: string): boolean {
    try {
        fs.accessSync(file, fs.constants.X_OK);
        return fs.statSync(file).isFile();
    } catch {
        return false;
    }
}
