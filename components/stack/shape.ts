import type { ErrorObject } from "ajv";
import { closest, distance } from "fastest-levenshtein";
import { Fault } from "../lib/faults";
import * as generated from "./schema.json";

/** What the generated schema has of each value. */
interface Schema {
    /** What the type does not say: "secret string", "path". */
    kind?: string;
    type?: string | string[];
    enum?: unknown[];
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
}

/** A fault of the shape, and where it is. */
export interface ShapeFault extends Fault {
    /** The keys and indices that lead to the wrong value. */
    at: (string | number)[];
    /** Whether the value is of the wrong type, so that no rule can judge it. */
    wrongType: boolean;
}

/** Generated from the types of the arguments: `npm run generate`. */
const SCHEMA: Schema = generated;

/** Whether a key of the configuration is a text: Pulumi tells nothing of quotes, so "5" and 5 are the same there. */
export const isText = (key: string): boolean => SCHEMA.properties?.[key]?.type === "string";

/** Unknown keys, missing keys, and values of the wrong type, each with what is expected in its place. */
export async function shapeFaults(value: unknown): Promise<ShapeFault[]> {
    // Loaded here, so that a program of one's own, which reads no such file, starts without it.
    const { Ajv } = await import("ajv");
    const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile(SCHEMA);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => shapeFault(error, value));
}

function shapeFault(error: ErrorObject, whole: unknown): ShapeFault {
    const at = keysOf(error.instancePath, whole);
    const schema = error.parentSchema as Schema;
    switch (error.keyword) {
        case "additionalProperties": {
            const key = (error.params as { additionalProperty: string }).additionalProperty;
            return faultAt([...at, key], `unknown key, ${likely(key, schema) ?? `expected one of ${keys(schema)}`}`);
        }
        case "required": {
            const key = (error.params as { missingProperty: string }).missingProperty;
            return faultAt(
                [...at, key],
                `got nothing, expected ${expected(schema.properties?.[key] ?? {}, undefined)}`,
            );
        }
        default:
            return {
                ...faultAt(
                    at,
                    `got ${show(error.data, schema)}, expected ${expected(schema, isSecret(schema) ? undefined : error.data)}`,
                ),
                wrongType: error.keyword === "type",
            };
    }
}

const faultAt = (at: (string | number)[], reason: string): ShapeFault => ({
    propertyPath: pathOf(at),
    reason,
    at,
    wrongType: false,
});

/** A JSON pointer's keys; an index is a number where the value is a list. */
function keysOf(pointer: string, whole: unknown): (string | number)[] {
    let value = whole;
    return pointer
        .split("/")
        .slice(1)
        .map((escaped) => {
            const key = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
            const typed = Array.isArray(value) ? Number(key) : key;
            value = (value as Record<string | number, unknown>)[typed];
            return typed;
        });
}

/** `controlPlaneNodes[0].labels["a.b/c"]` */
export const pathOf = (at: (string | number)[]): string =>
    at
        .map((key, i) => {
            if (typeof key === "number") return `[${key}]`;
            if (!/^[\w-]+$/.test(key)) return `["${key}"]`;
            return i === 0 ? key : `.${key}`;
        })
        .join("");

const keys = ({ properties = {} }: Schema): string => Object.keys(properties).join(", ");

/** The key that was probably meant: a slip of the pen here, or a key of another place. */
function likely(key: string, { properties = {} }: Schema): string | undefined {
    const meant =
        closestOf(key, Object.keys(properties)) ?? placesOf(SCHEMA).find((place) => place.split(".").pop() === key);
    return meant && `did you mean ${meant}?`;
}

function closestOf(key: string, known: string[]): string | undefined {
    if (known.length === 0) return undefined;
    const lower = key.toLowerCase();
    const near = closest(
        lower,
        known.map((each) => each.toLowerCase()),
    );
    const most = Math.min(3, Math.floor(key.length / 3));
    return distance(lower, near) <= most ? known.find((each) => each.toLowerCase() === near) : undefined;
}

/** The paths of all keys; a list's entries have those of the list. */
function placesOf(schema: Schema, place = ""): string[] {
    return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
        const here = place ? `${place}.${key}` : key;
        return [here, ...placesOf(inner, here), ...placesOf(inner.items ?? {}, `${here}[]`)];
    });
}

/** Whether the value may be a secret, which no message shows. */
const isSecret = ({ kind }: Schema): boolean => kind?.startsWith("secret") ?? false;

function show(value: unknown, schema: Schema): string {
    if (value === null) return "null";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "object") return "an object";
    if (isSecret(schema)) return `a ${typeof value}`;
    return JSON.stringify(value);
}

/** What belongs in the place of a value, with what was probably meant by it. */
function expected(schema: Schema, got: unknown): string {
    if (schema.enum) return schema.enum.map(String).join(" or ");
    switch (schema.type) {
        case "array":
            return listExpected(schema.items ?? {}, got);
        case "object":
            return objectExpected(schema, got);
        case "string":
            return typeof got === "number" || typeof got === "boolean"
                ? `a text, in quotes: "${String(got)}"`
                : "a text";
        case "boolean":
            return "true or false";
        case "number":
            return "a number";
        case "integer":
            return "a whole number";
        default:
            return "another value";
    }
}

function listExpected(items: Schema, got: unknown): string {
    if (items.type !== "object") return typeof got === "string" ? `a list: [${got}]` : "a list";
    const names = Object.keys(items.properties ?? {}).filter((key) => items.required?.includes(key));
    const entry = `{ ${names.map((key) => `${key}: …`).join(", ")} }`;
    return `a list with an entry ${entry} for each`;
}

function objectExpected(schema: Schema, got: unknown): string {
    const meant = typeof got === "string" ? meantBy(got, schema) : undefined;
    if (meant) return `{ ${meant} }`;
    return schema.properties ? `an object with ${keys(schema)}` : "an object: key: value";
}

/** What a text stands for where an object belongs: a word of one of its keys, kubectl's way of writing a taint, an address. */
function meantBy(text: string, { properties = {} }: Schema): string | undefined {
    const choice = Object.entries(properties).find(([, { enum: words = [] }]) => words.includes(text));
    if (choice) return `${choice[0]}: ${text}`;
    const taint = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text);
    if (taint && "effect" in properties) {
        const [, key, value, effect] = taint;
        return [`key: ${key}`, ...(value ? [`value: ${value}`] : []), `effect: ${effect}`].join(", ");
    }
    if ("address" in properties && "name" in properties) {
        return /^[\d.]+$|:/.test(text) ? `name: …, address: ${text}` : `name: ${text}, address: …`;
    }
    return undefined;
}

/** The value without what is of the wrong type: the rest can be judged by the rules. */
export function withoutWrongTypes(value: object, faults: ShapeFault[]): object {
    const copy = structuredClone(value);
    for (const { at, wrongType } of faults) {
        if (!wrongType || at.length === 0) continue;
        const last = at[at.length - 1];
        const holder = at.slice(0, -1).reduce<unknown>((inner, key) => (inner as never)?.[key], copy) as
            Record<string | number, unknown> | undefined;
        if (holder === undefined) continue;
        // An entry of a list keeps the places of those after it.
        if (Array.isArray(holder)) holder[last as number] = {};
        else delete holder[last];
    }
    return copy;
}
