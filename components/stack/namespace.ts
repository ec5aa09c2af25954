import * as pulumi from "@pulumi/pulumi";
import { isKnownKey } from "./shape";

/** The namespace of this repository's own project. */
const NAMESPACE = "pulumi-kubeadm";

/** The keys of the configuration in one namespace, without it. */
export const keysOf = (namespace: string): string[] =>
    Object.keys(pulumi.runtime.allConfig())
        .filter((key) => key.startsWith(`${namespace}:`))
        .map((key) => key.slice(namespace.length + 1));

/**
 * Throws one sentence where the cluster's keys stand in another namespace than the one that is read, as in a project that was renamed or
 * copied: all keys would be missing, or those that were left behind would be silently without effect.
 */
export function checkNamespace({ name }: pulumi.Config): void {
    const others = new Set(Object.keys(pulumi.runtime.allConfig()).map((key) => key.slice(0, key.indexOf(":"))));
    others.delete(name);
    const strange = [...others].find((other) => isMeant(keysOf(other), other, keysOf(name)));
    if (strange === undefined) return;
    const keys = keysOf(strange).filter(isKnownKey).join(", ");
    const reader = name === pulumi.getProject() ? `this project is ${name}` : `this program reads those of ${name}`;
    throw new pulumi.RunError(
        `Pulumi.${pulumi.getStack()}.yaml: the configuration has keys of ${strange}: (${keys}), ${reader}; begin each key with ${name}: instead`,
    );
}

/** A cluster's own keys include its nodes. A second cluster of the same program has such a namespace too. */
function isMeant(keys: string[], namespace: string, read: string[]): boolean {
    if (keys.includes("controlPlaneNodes")) return !read.includes("controlPlaneNodes");
    return namespace === NAMESPACE && keys.some(isKnownKey);
}
