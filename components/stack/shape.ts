import type { ErrorObject } from "ajv";
import { Fault, pathOf, show } from "../lib/faults";
import { endingIn, nearest } from "../lib/nearest";
import { own } from "../lib/own";
import checkShape from "./checkShape";
import generated from "./schema.json";

/** What the generated schema has of each value. */
interface Schema {
    /** What the type does not say: "secret string", "path". */
    kind?: string;
    type?: string;
    enum?: unknown[];
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
    additionalProperties?: boolean | Schema;
}

/** Generated from the types of the arguments: `npm run generate`. */
const SCHEMA: Schema = generated;

export const isKnownKey = (key: string): boolean => Object.hasOwn(SCHEMA.properties ?? {}, key);

/** Whether a key of the configuration is a text: Pulumi tells nothing of quotes, so "5" and 5 are the same there. */
export const isText = (key: string): boolean => SCHEMA.properties?.[key]?.type === "string";

/** Unknown keys, missing keys, and values of the wrong type, each with what is expected in its place. */
export function shapeFaults(value: unknown): Fault[] {
    const faults = checkShape(value) ? [] : (checkShape.errors ?? []).map((error) => shapeFault(error, value));
    // A value that is no text is an error twice where one of a set of words belongs: of `type` and of `enum`.
    return [...new Map(faults.map((fault) => [`${fault.propertyPath}: ${fault.reason}`, fault])).values()];
}

function shapeFault(error: ErrorObject, whole: unknown): Fault {
    const places = placesOn(error.instancePath, whole);
    const at = places.map(({ key }) => key);
    const { value, schema } = places[places.length - 1] ?? { value: whole, schema: SCHEMA };
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
        default: {
            const got = isSecret(schema) ? undefined : value;
            const quotes = got === undefined && typeof value === "number" ? ", in quotes" : "";
            return faultAt(at, `got ${shown(value, schema)}, expected ${expected(schema, got)}${quotes}`);
        }
    }
}

const faultAt = (at: (string | number)[], reason: string): Fault => ({ propertyPath: pathOf(at), reason });

interface Place {
    /** An index is a number. */
    key: string | number;
    value: unknown;
    schema: Schema;
}

/** The places on the way of a JSON pointer. */
function placesOn(pointer: string, whole: unknown): Place[] {
    let value = whole;
    let schema = SCHEMA;
    return pointer
        .split("/")
        .slice(1)
        .map((escaped) => {
            const text = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
            const key = Array.isArray(value) ? Number(text) : text;
            value = (value as Record<string | number, unknown>)[key];
            schema = schemaOf(schema, key);
            return { key, value, schema };
        });
}

function schemaOf({ items, properties = {}, additionalProperties: any }: Schema, key: string | number): Schema {
    if (typeof key === "number") return items ?? {};
    return own(properties, key) ?? (typeof any === "object" ? any : {});
}

const keys = ({ properties = {} }: Schema): string => Object.keys(properties).join(", ");

/** The key that was probably meant: one of this object, which comes first, or the same key of another place. */
function likely(key: string, { properties = {} }: Schema): string | undefined {
    const sibling = nearest(key, Object.keys(properties)) ?? endingIn(key, Object.keys(properties));
    const place = placesOf(SCHEMA).find((other) => other.split(".").pop() === key);
    const meant = sibling ?? (place === key ? `${key} at the top level` : place);
    return meant && `did you mean ${meant}?`;
}

/** The paths of all keys; a list's entries have those of the list. */
function placesOf(schema: Schema, place = ""): string[] {
    return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
        const here = place ? `${place}.${key}` : key;
        return [here, ...placesOf(inner, here), ...placesOf(inner.items ?? {}, `${here}[]`)];
    });
}

/** Whether the value may be a secret, or have one in it: no message shows what stands there. */
const isSecret = ({ kind = "", properties = {}, items, additionalProperties: any }: Schema): boolean =>
    kind.startsWith("secret") ||
    [...Object.values(properties), ...(items ? [items] : []), ...(typeof any === "object" ? [any] : [])].some(isSecret);

const shown = (value: unknown, schema: Schema): string =>
    isSecret(schema) && ["string", "number"].includes(typeof value)
        ? `a ${typeof value === "number" ? "number" : "text"} that is not shown`
        : show(value);

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
        case "integer":
            return "a whole number";
        default:
            return "a number";
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

/**
 * The value with what is of the right type, for the rules: what is wrong or unknown is left out, and what must be there is empty.
 * An entry of a list keeps the places of those after it.
 */
export const typedConfig = (value: unknown): unknown => typed(SCHEMA, value);

function typed(schema: Schema, value: unknown): unknown {
    const { type, properties = {}, required = [], items = {}, additionalProperties: any } = schema;
    if (!isOfType(type, value)) {
        return typed(schema, EMPTY[type!]);
    }
    if (Array.isArray(value)) return value.map((entry) => typed(items, entry));
    if (type !== "object") return value;
    const given = value as Record<string, unknown>;
    const known = Object.entries(properties)
        .filter(([key, inner]) => required.includes(key) || isOfType(inner.type, given[key]))
        .map(([key, inner]) => [key, typed(inner, given[key])]);
    const others = typeof any === "object" ? any : undefined;
    const more = Object.entries(given)
        .filter(([key, inner]) => others && !Object.hasOwn(properties, key) && isOfType(others.type, inner))
        .map(([key, inner]) => [key, typed(others!, inner)]);
    return Object.fromEntries([...known, ...more]) as unknown;
}

const EMPTY: Record<string, unknown> = { string: "", number: 0, integer: 0, boolean: false, array: [], object: {} };

/** A schema without a type admits any value. */
function isOfType(type: Schema["type"], value: unknown): boolean {
    if (type === undefined) return true;
    if (type === "array") return Array.isArray(value);
    if (type === "integer") return Number.isInteger(value);
    return type === "object"
        ? typeof value === "object" && value !== null && !Array.isArray(value)
        : typeof value === type;
}
