import * as pulumi from "@pulumi/pulumi";
import { createHash } from "crypto";
import { parseAllDocuments } from "yaml";
import { readFile } from "fs/promises";
import { ManifestSource } from "../model/cni";
import { KubernetesObject } from "./objects";

/** The objects of a manifest that is read from a URL or a file; refused when it is not the one that was pinned. */
export async function readManifest({ uri, sha256 }: Required<ManifestSource>): Promise<KubernetesObject[]> {
    const content = await readSource(uri);
    const got = createHash("sha256").update(content).digest("hex");
    if (got !== sha256) throw new pulumi.RunError(`cni.manifest: ${uri}: its sha256 is ${got}, expected ${sha256}`);
    return parseAllDocuments(content)
        .map((document) => document.toJSON() as KubernetesObject | null)
        .filter((object) => object !== null);
}

async function readSource(uri: string): Promise<string> {
    if (!/^https?:/.test(uri)) return readFile(uri, "utf8").catch(unreadable(uri));
    const response = await fetch(uri, { signal: AbortSignal.timeout(30_000) }).catch(unreadable(uri));
    if (!response.ok) {
        throw new pulumi.RunError(`cni.manifest: ${uri}: got HTTP status ${response.status}, expected 200`);
    }
    return response.text().catch(unreadable(uri));
}

const unreadable = (uri: string) => (error: Error) => {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw new pulumi.RunError(`cni.manifest: ${uri} could not be read: ${reason}; expected a readable URL or file`);
};
