/**
 * The parameters of the scripts are declared in tables, each beside its subject: name, kind, one sentence, and the value that holds
 * where a step is not sent one. The types of the values come from the tables; `npm run generate` writes the defaults and the check of
 * what a step was sent from them (scripts/lib/core/parameters.sh). A name is the same in both languages, so that one search follows
 * a value.
 */
export type Table = Record<string, Parameter>;

export interface Parameter {
    kind: keyof Values;
    sentence: string;
    /** @otherwise a step that needs the parameter must be sent it */
    default?: ParameterValue;
}

/** The kinds, each with its form here. In the scripts a list is an array, a flag the text true or false. */
export interface Values {
    text: string;
    number: number;
    flag: boolean;
    list: readonly string[];
    /** No script reads it: another value makes the step run again. */
    trigger: string;
}

export type ParameterValue = Values[keyof Values];

export interface Sent<Kind extends keyof Values> extends Parameter {
    kind: Kind;
    default?: undefined;
}

export interface WithDefault<Kind extends keyof Values> extends Parameter {
    kind: Kind;
    default: Values[Kind];
}

/** The values of a table's parameters, by name. One with a default may be left out. */
export type ValuesOf<T extends Table> = {
    [Name in keyof T as T[Name] extends { default: ParameterValue } ? never : Name]: Values[T[Name]["kind"]];
} & {
    [Name in keyof T as T[Name] extends { default: ParameterValue } ? Name : never]?: Values[T[Name]["kind"]];
};

export const text = declare("text");
export const number = declare("number");
export const flag = declare("flag");
export const list: {
    (sentence: string): Sent<"list">;
    (sentence: string, otherwise: []): WithDefault<"list">;
} = declare("list");
export const trigger = declare("trigger");

interface Declare<Kind extends keyof Values> {
    (sentence: string): Sent<Kind>;
    (sentence: string, otherwise: Values[Kind]): WithDefault<Kind>;
}

function declare<Kind extends keyof Values>(kind: Kind): Declare<Kind> {
    const declared = (sentence: string, otherwise?: Values[Kind]) => ({
        kind,
        sentence,
        ...(otherwise === undefined ? {} : { default: otherwise }),
    });
    return declared as Declare<Kind>;
}

/** A parameter of another table without its default: a step that needs it must be sent it. */
export const required = <Kind extends keyof Values>({ kind, sentence }: Parameter & { kind: Kind }): Sent<Kind> => ({
    kind,
    sentence,
});
