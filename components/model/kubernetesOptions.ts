import { nearest } from "../lib/nearest";
import { minorOf } from "../versions/versions";
import byMinor from "../versions/kubernetesOptions.json";

/** A word for a plain value, a list of one type, `{ "*": type }` for a map, or the fields of an object. */
export type FieldType = string | FieldType[] | { [field: string]: FieldType };

export type Program = "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubelet";
export type Kind = "KubeletConfiguration" | "KubeProxyConfiguration";

/** The flags and configuration fields of one Kubernetes version (`npm run generate:kubernetes`). */
export type KnownOptions = Record<Program, Record<string, string>> & Record<Kind, Record<string, FieldType>>;

/** The options of a version; undefined where they are not known, or not to be checked. */
export function knownOptions(kubernetesVersion: string, passUnknown = false): KnownOptions | undefined {
    return passUnknown
        ? undefined
        : (byMinor as Record<string, unknown> as Record<string, KnownOptions>)[minorOf(kubernetesVersion)];
}

/** The expectations for flags that are set by another option. */
export function ofOption(option: string, flags: string[]): Record<string, string> {
    return Object.fromEntries(flags.map((name) => [name, `none: set ${option}`]));
}

/** The expectation for a name that this Kubernetes version does not have. */
export function unknown(what: string, name: string, known: object): string {
    const meant = nearest(name, Object.keys(known));
    return `${what} of this Kubernetes version${meant ? `: did you mean ${meant}?` : " (passUnknownOptions: true passes others on)"}`;
}

/** Texts of plain values, as the programs parse them. */
export const TEXTS = {
    boolean: { form: /^(true|false|True|False|TRUE|FALSE|t|f|T|F|1|0)$/, words: "true or false" },
    integer: { form: /^-?\d+$/, words: "a whole number" },
    number: { form: /^-?(\d+(\.\d*)?|\.\d+)$/, words: "a number" },
    duration: { form: /^-?(0|(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/, words: "a duration, e.g. '10s' or '1h30m'" },
};
