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

/** Identifies a host and its cluster. Every step sends it, and a host with another identity is not changed. */
export interface Identity {
    /** See `ClusterPki.clusterId`. */
    CLUSTER_ID: string;
    NODE_NAME: string;
    NODE_ADDRESS: string;
    /** See `roleOf`. */
    ROLE: string;
    /** See `Host.claim`; before a host has one, only its preflight runs there. */
    CLAIM?: string;
}

/** The first part of a step's standard input. `prepare` writes it to the host's identity file, apart from the desired state. */
export interface Head extends Identity {
    /** The digest of the desired state. A host where another one is staged is not changed. */
    DESIRED?: string;
    /** Tells which secrets are staged beside it (`secretDigest`). A host where others are staged is not changed. */
    SECRETS?: string;
    /** The digest of the scripts, so that a step runs again when they change. */
    TOOLKIT?: string;
    /** The digest of everything that `node` is sent, so that `prepare` runs again whenever `node` does. */
    NODE_DIGEST?: string;
    /** The output of the last `prepare`, so that `node` runs again whenever `prepare` did. */
    PREPARED?: string;
}

/** The standard input of scripts/run.sh: the head, an empty line, the parameters. */
export const stepInput = (head: Head, parameters: ScriptParameters): string =>
    `${preamble({ ...head })}\n${preamble(parameters)}`;
