import { readdirSync, readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";

const scripts = path.resolve(__dirname, "../../components/scripts");
const phases = readdirSync(path.join(scripts, "phases"));

const code = (file: string): string => readFileSync(path.join(scripts, file), "utf8").replace(/^ *#.*$/gm, "");

const functionsOf = (file: string): string[] => [...code(file).matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name);

describe("a function of a phase", () => {
    const libraries = readdirSync(path.join(scripts, "lib")).map((file) => `lib/${file}`);

    // Only the libraries are there for all: what another phase has would be missed on a host, and shellcheck does not see it.
    it.each(phases)("of %s is called by that phase alone", (phase) => {
        const others = [...libraries, ...phases.filter((other) => other !== phase).map((other) => `phases/${other}`)];
        const calls = (file: string, name: string) => new RegExp(`(^|[\\s!(])${name}($|[\\s;)])`, "m").test(code(file));
        const strays = functionsOf(`phases/${phase}`).flatMap((name) =>
            others.filter((file) => calls(file, name)).map((file) => `${name}, in ${file}`),
        );
        expect(strays).toEqual([]);
    });
});
