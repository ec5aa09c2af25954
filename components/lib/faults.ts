import * as pulumi from "@pulumi/pulumi";

/** One fault of the input: where it is, and what was got and expected. */
export interface Fault {
    propertyPath: string;
    reason: string;
}

export const fault = (propertyPath: string, got: unknown, expected: string): Fault => ({
    propertyPath,
    reason: `got ${show(got)}, expected ${expected}`,
});

/** A fault of a text that is not shown. */
export const hiddenFault = (propertyPath: string, got: string, expected: string): Fault => ({
    propertyPath,
    reason: `got ${got}, expected ${expected}`,
});

/** The text of a value in a message. A value that may hold a secret by mistake (a key, a URL with a password) is not shown. */
export function show(value: unknown): string {
    if (value === undefined) return "nothing";
    if (value === null) return "null";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "object") return "an object";
    if (typeof value !== "string") return JSON.stringify(value);
    if (value.includes("-----BEGIN")) return "the text of a key or certificate";
    return JSON.stringify(value.replace(/\/\/[^/@]*@/, "//…@"));
}

/** `controlPlaneNodes[0].labels["a.b/c"]` */
export const pathOf = (at: (string | number)[]): string => at.reduce<string>(within, "");

/** The path of what a value has by a key or an index. */
export function within(path: string, key: string | number): string {
    if (typeof key === "number") return `${path}[${key}]`;
    if (!/^[\w-]+$/.test(key)) return `${path}["${key}"]`;
    return path === "" ? key : `${path}.${key}`;
}

/** One text that lists every fault by its property path, and says what did not happen. */
export function listFaults(what: string, faults: Fault[], spared = "no host was contacted"): string {
    const lines = faults.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
    return `${what}: ${faults.length} fault${faults.length > 1 ? "s" : ""}; ${spared}\n${lines.join("\n")}`;
}

/** Throws one error with every fault, for a component's caller. */
export function throwIfAny(what: string, faults: Fault[]): void {
    if (faults.length > 0) throw new pulumi.InputPropertiesError({ message: listFaults(what, faults), errors: faults });
}

/** Faults for what a list has twice. */
export function duplicates(entries: { path: string; value: string | undefined }[], what: string): Fault[] {
    const first = new Map<string, string>();
    return entries.flatMap(({ path, value }) => {
        if (value === undefined) return [];
        const before = first.get(value);
        if (before === undefined) first.set(value, path);
        return before === undefined ? [] : [fault(path, value, `${what} of its own; ${before} has it too`)];
    });
}

/** Of a closed set of words (one of our `{ Name: "word" } as const`), or left out. */
export const oneOf = (path: string, value: string | undefined, allowed: Record<string, string>): Fault[] =>
    value === undefined || Object.values(allowed).includes(value)
        ? []
        : [fault(path, value, Object.values(allowed).join(" or "))];

/** How many of something, or left out. */
export const countFaults = (path: string, count: unknown): Fault[] =>
    count === undefined || (Number.isInteger(count) && (count as number) > 0)
        ? []
        : [fault(path, count, "a whole number, 1 or more")];

/** A number between two others, or left out. */
export const inRange = (value: number | undefined, low: number, high: number): boolean =>
    value === undefined || (typeof value === "number" && value >= low && value <= high);

export const seconds = (path: string, value: number | undefined, low: number, high: number): Fault[] =>
    inRange(value, low, high) ? [] : [fault(path, value, `seconds, ${low} to ${high}`)];

export const count = (path: string, value: number | undefined, low: number, high: number): Fault[] =>
    value === undefined || (Number.isInteger(value) && inRange(value, low, high))
        ? []
        : [fault(path, value, `a whole number, ${low} to ${high}`)];

// A secret's text is judged where it is plain yet (an Output is not), and never shown.
export const wordFaults = (path: string, value: unknown, form: RegExp, expected: string): Fault[] =>
    value === undefined || typeof value === "object" || (typeof value === "string" && form.test(value))
        ? []
        : [hiddenFault(path, "a text of another form", expected)];
