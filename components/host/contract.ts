import { createHash } from "crypto";

/** Quotes for POSIX shells: nothing inside single quotes is special but the quote itself. */
export const shellQuote = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

export type ScriptParameters = Record<string, string | number | boolean>;

/** Parameters as a preamble of assignments, sorted so that the text never changes without a cause. */
export const preamble = (parameters: ScriptParameters): string =>
    Object.keys(parameters)
        .sort()
        .map((key) => `${key}=${shellQuote(String(parameters[key]))}\n`)
        .join("");

/** Short, and different whenever any parameter is. */
export const digest = (parameters: ScriptParameters): string =>
    createHash("sha256").update(preamble(parameters)).digest("hex").slice(0, 16);

/** The staged state as `node` is sent it: by its digest alone, because the host has the rest. */
export const stateParameters = (node: string, desired: ScriptParameters): ScriptParameters => ({
    NODE_NAME: node,
    DESIRED: digest(desired),
});
