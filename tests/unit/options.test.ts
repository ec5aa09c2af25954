import { readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { resolveSettings } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { unknownKeys } from "../../components/model/keys";
import { clusterArgs, node } from "./fixtures";

/** The names in angle brackets of docs/options.md. */
const PLACEHOLDERS: Record<string, string[]> = {
    "<host>": ["controlPlaneNodes[]", "workerNodes[]", "loadBalancer.hosts[]", "etcd.hosts[]"],
    "<node>": ["controlPlaneNodes[]", "workerNodes[]"],
    "<component>": ["apiServer", "controllerManager", "scheduler"],
    "<repository>": ["sources.kubernetes", "sources.containerd"],
    "<program>": ["kubeadm", "kubelet", "kubectl", "containerd", "runc", "cniPlugins", "crictl"].map(
        (name) => `sources.binaries.${name}`,
    ),
    "<registry>": ["sources.registries.*"],
};

interface Row {
    option: string;
    /** The cell of its default. */
    stated: string;
}

const rows: Row[] = readFileSync(path.resolve(__dirname, "../../docs/options.md"), "utf8")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    // A row of an option has five cells, between two that are empty.
    .filter((cells) => cells.length === 7 && cells[1].startsWith("`"))
    .map((cells) => ({ option: cells[1].replaceAll("`", ""), stated: cells[3] }));

/** `<node>.labels` to `controlPlaneNodes[].labels` and `workerNodes[].labels`. */
function expand(option: string): string[] {
    const [placeholder] = /^<\w+>/.exec(option) ?? [];
    if (placeholder === undefined) return [option];
    return PLACEHOLDERS[placeholder].map((place) => option.replace(placeholder, place));
}

/** The keys that the configuration has at a path, as the fault of an unknown key lists them; "[]" for a list. */
function keysAt(path: string): string[] {
    const [fault] = unknownKeys(path.split(".").filter(Boolean).reduceRight<unknown>(wrap, { unknown: true }));
    if (fault === undefined) return [];
    if (fault.reason.endsWith("expected a list")) return ["[]"];
    // Where any key is allowed, `unknown` is one, and its value is at fault.
    return /expected one of (.*)$/.exec(fault.reason)?.[1].split(", ") ?? ["*"];
}

const wrap = (inner: unknown, key: string): unknown =>
    key.endsWith("[]") ? { [key.slice(0, -2)]: [inner] } : { [key]: inner };

/** The paths of all values of the configuration, and of the objects and lists that contain them. */
function pathsFrom(path: string): { values: string[]; all: string[] } {
    const keys = keysAt(path);
    if (keys.length === 0) return { values: [path], all: [path] };
    const inner = keys.map((key) => pathsFrom(path === "" || key === "[]" ? `${path}${key}` : `${path}.${key}`));
    return { values: inner.flatMap(({ values }) => values), all: [path, ...inner.flatMap(({ all }) => all)] };
}

const valueAt = (settings: unknown, option: string): unknown =>
    option.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], settings);

describe("docs/options.md", () => {
    const { values, all } = pathsFrom("");
    const documented = rows.flatMap(({ option }) => expand(option));

    it("documents every key of the configuration", () => {
        expect(values.filter((key) => !documented.includes(key))).toEqual([]);
    });

    it("documents no key that the configuration does not have", () => {
        expect(documented.filter((key) => !all.includes(key))).toEqual([]);
    });

    it("documents each key once", () => {
        expect(documented.filter((key, i) => documented.indexOf(key) !== i)).toEqual([]);
    });

    it("states the defaults of the code", () => {
        const external = clusterArgs({ etcd: { topology: EtcdTopology.External, hosts: [node("e1", 31)] } });
        const settings = [resolveSettings(clusterArgs()), resolveSettings(external)];
        const wrong = rows.filter(({ option, stated }) => {
            const [, text] = /^`([^`]*)`$/.exec(stated) ?? [];
            const defaults = settings
                .map((resolved) => valueAt(resolved, option))
                .filter((value) => value !== undefined);
            return text !== undefined && defaults.length > 0 && !defaults.map(String).includes(text);
        });
        expect(wrong).toEqual([]);
    });
});
