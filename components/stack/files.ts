import { readFile } from "fs/promises";
import { homedir } from "os";
import * as path from "path";
import { Fault, fault } from "../lib/faults";

export const expand = (file: string): string => path.resolve(file.replace(/^~(?=\/)/, homedir()));

/** Returns a file's text; undefined when it cannot be read. */
export async function readText(file: string): Promise<string | undefined> {
    try {
        return UTF8.decode(await readFile(file));
    } catch {
        return undefined;
    }
}

// Keeps every byte, and refuses what is no UTF-8: other bytes would be replaced.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const onlyOne = (at: string, file: string, text: string): Fault => ({
    propertyPath: `${at}.${file}`,
    reason: `got a file, expected none, because ${text} is set`,
});

/** Stands for the text of a file that could not be read, which is told already. */
const MISSING = "missing";

/** The faults that were found while the files of a configuration were read, and which file holds which property. */
export class Files {
    readonly faults: Fault[] = [];
    private readonly places = new Map<string, string>();

    /** A text, or that of its file without what is blank at its end. */
    async textOrFile<T>(
        at: string,
        text: [string, T | undefined],
        file: [string, string | undefined],
    ): Promise<T | string | undefined> {
        const read = await this.exactTextOrFile(at, text, file);
        return typeof read === "string" && file[1] !== undefined ? read.trimEnd() : read;
    }

    /** A text, or that of its file, byte by byte. */
    async exactTextOrFile<T>(
        at: string,
        [textKey, given]: [string, T | undefined],
        [fileKey, file]: [string, string | undefined],
    ): Promise<T | string | undefined> {
        if (file === undefined) return given;
        const text = await readText(expand(file));
        if (given !== undefined) this.faults.push(onlyOne(at, fileKey, textKey));
        else if (text === undefined) {
            this.faults.push(fault(`${at}.${fileKey}`, file, "a file that can be read, UTF-8"));
        }
        this.places.set(`${at}.${textKey}`, `${at}.${fileKey}`);
        return text ?? MISSING;
    }

    /** The faults of the files, then the others. A fault of a file's text names the file; a file with a fault of its own gets no second one. */
    withFaults(others: Fault[]): Fault[] {
        const placed = others.map(({ propertyPath, reason }) => ({
            propertyPath: this.places.get(propertyPath) ?? propertyPath,
            reason,
        }));
        const isNew = ({ propertyPath }: Fault) => !this.faults.some((told) => told.propertyPath === propertyPath);
        return [...this.faults, ...placed.filter(isNew)];
    }
}
