import { readdirSync, readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";

/** bash looks for a function when it is called, on somebody's host; shellcheck does not look. */
const scripts = path.resolve(__dirname, "../../components/scripts");
const files = readdirSync(scripts, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".sh"));
const phases = files.filter((file) => file.startsWith("phases/"));

const code = (file: string): string => readFileSync(path.join(scripts, file), "utf8").replace(/(^|\s)#.*$/gm, "");
const defined = (file: string): string[] => [...code(file).matchAll(/^\s*(\w+)\(\)/gm)].map(([, name]) => name);

/** Names of several words, as our functions have, that stand where a command may: no variable, no part of a path or text. */
function called(file: string): string[] {
    const text = code(file).replace(/'[^']*'/g, "");
    const variables = [...text.matchAll(/\b([a-z_]+)=|\blocal ([a-z_ ]+)/g)].flatMap(([, one, more = ""]) => [
        one,
        ...more.split(" "),
    ]);
    const names = [...text.matchAll(/(?<![\w${"/.-])([a-z]+(?:_[a-z0-9]+)+)(?![\w=/.-])/g)].map(([, name]) => name);
    return names.filter((name) => !variables.includes(name));
}

/** What looks like a function and is none: modules of the kernel, words of nginx's, of hosts.toml, of ssh's and of jq's. */
const OTHERS = [
    "br_netfilter",
    "group_by",
    "ip_vs",
    "ip_vs_wlc",
    "kex_exchange",
    "max_fails",
    "override_path",
    "to_entries",
];

/** The cases of every list by which a function is chosen. */
const lists = Object.fromEntries(
    [...code("lib/core/dispatch.sh").matchAll(/(\w+)="([^"]*)"/g)].map(([, list, cases]) => [list, cases.split(" ")]),
);

describe("what a subject installs", () => {
    const release = code("phases/release.sh");
    const parts = [...lists.BALANCER_SERVICES, ...lists.BALANCER_PODS].map(
        (part) => `${part.replaceAll("-", "_")}_remove`,
    );
    const removals = files.flatMap(defined).filter((name) => name.endsWith("_remove") && !parts.includes(name));

    it.each(removals)("is removed by a release: %s", (name) => {
        expect(release).toMatch(new RegExp(`^    ${name}$`, "m"));
    });
});

describe("a function that a script calls", () => {
    const everywhere = new Set([...files.flatMap(defined), ...OTHERS]);
    const ofFamilies = [...files.flatMap((file) => [...code(file).matchAll(/\bos_call (\w+)/g)])].map(
        ([, name]) => name,
    );

    it.each(files)("of %s is there", (file) => {
        const missing = called(file).filter((name) => !everywhere.has(name) && !ofFamilies.includes(name));
        expect(missing).toEqual([]);
    });

    const dispatched = files.flatMap((file) => [
        ...[...code(file).matchAll(/\bdispatch ([A-Z_]+) "[^"]*" (\w*@\w*)/g)].map(([, list, pattern]) => [
            list,
            pattern,
        ]),
        ...[...code(file).matchAll(/\bos_call (\w+)/g)].map(([, name]) => ["OS_FAMILIES", `${name}_@`]),
    ]);

    it("is found for every list of cases", () => {
        expect(new Set(dispatched.map(([list]) => list))).toEqual(new Set(Object.keys(lists)));
    });

    it.each(dispatched)("for a case of %s is there for all: %s", (list, pattern) => {
        const names = lists[list].map((one) => pattern.replace("@", one.replaceAll("-", "_")));
        expect(names.filter((name) => !everywhere.has(name))).toEqual([]);
    });

    it.each(phases)("for the phase of %s is there", (file) => {
        expect(defined(file)).toContain(`phase_${path.basename(file, ".sh").replaceAll("-", "_")}`);
    });

    it.each(files)("of %s has a computed name only where a list of cases says which", (file) => {
        const computed = /(?:^|\b(?:do|then|else)|[;&|(!{]) *("(?:\w+_\$|\$\{?\w+[^"]*\}_)[^"]*")/gm;
        const calls = [...code(file).matchAll(computed)].map(([, call]) => call);
        expect(calls).toEqual(file === "run.sh" ? ['"phase_${PHASE//-/_}"'] : []);
    });

    it.each(phases)("is not one of %s, unless that phase calls it: only the libraries are there for all", (phase) => {
        const others = files.filter((file) => file !== phase);
        const strays = defined(phase).flatMap((name) => others.filter((file) => called(file).includes(name)));
        expect(strays).toEqual([]);
    });
});
