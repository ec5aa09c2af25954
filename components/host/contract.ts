import { createHash } from "crypto";
import { ParameterValue, ValuesOf, text, trigger } from "./parameters";

/** Quotes for POSIX shells: nothing inside single quotes is special but the quote itself. */
export const shellQuote = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

/** Parameters with their values. One that is undefined is not sent: its default holds. */
export type ScriptParameters = Record<string, ParameterValue | undefined>;

/** Parameters as a preamble of assignments for bash, sorted so that the text never changes without a cause. */
export const preamble = (parameters: ScriptParameters): string =>
    Object.keys(parameters)
        .sort()
        .map((name) => assignment(name, parameters[name]))
        .join("");

// One item of a list a line, so that a diff shows the items that changed.
function assignment(name: string, value: ParameterValue | undefined): string {
    if (value === undefined) return "";
    if (!Array.isArray(value)) return `${name}=${shellQuote(String(value))}\n`;
    return `${name}=(${value.map((item) => `\n${shellQuote(String(item))}`).join("")}${value.length > 0 ? "\n" : ""})\n`;
}

/** Short, and different whenever any parameter is. */
export const digest = (parameters: ScriptParameters): string =>
    createHash("sha256").update(preamble(parameters)).digest("hex").slice(0, 16);

/** The identity of a host and of its cluster. Every step sends it, and a host with another identity is not changed. */
export const HOST_IDENTITY = {
    CLUSTER_ID: text("The cluster's identity (`ClusterPki.clusterId`)."),
    NODE_NAME: text("The host's name."),
    NODE_ADDRESS: text("The host's private address."),
    ROLE: text("`control-plane`, `worker`, `etcd` or `load-balancer`."),
    CLAIM: text(
        "The claim of the program on the host (`Host.claim`); before a host has one, only its preflight runs there.",
        "",
    ),
};

export type Identity = ValuesOf<typeof HOST_IDENTITY>;

/** The first part of a step's standard input. `prepare` writes it to the host's identity file, apart from the desired state. */
export const HEAD = {
    ...HOST_IDENTITY,
    DESIRED: text("The digest of the desired state. A host where another one is staged is not changed.", ""),
    SECRETS: text(
        "A digest of the passwords that the desired state needs. A host where others are staged is not changed.",
        "",
    ),
    TOOLKIT: text(
        "The digest of the scripts. A step runs again when it changes, and stops on a host with other scripts.",
        "",
    ),
    NODE_DIGEST: trigger(
        "The digest of everything that `node` is sent, so that `prepare` runs again whenever `node` does.",
        "",
    ),
    PREPARED: trigger("The output of the last `prepare`, so that `node` runs again whenever `prepare` did.", ""),
};

export type Head = ValuesOf<typeof HEAD>;

export const ROLLOUT = {
    ROLLOUT_DIGEST: text("The digest of what a rollout applies to a live host: a changed one is rolled out."),
};

/** The standard input of scripts/run.sh: the head, an empty line, the parameters. */
export const stepInput = (head: Head, parameters: ScriptParameters): string =>
    `${preamble(head)}\n${preamble(parameters)}`;
