import { readFileSync, readdirSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { CHANGE_ATTEMPT } from "../../components/host/attempt";
import { ACCESS, DIALED } from "../../components/host/dial";
import { QUESTIONS } from "../../components/host/ask";
import { COPY } from "../../components/host/copy";
import { Parameter } from "../../components/host/parameters";
import { PARAMETERS, TABLES } from "../../tools/scriptParameters";

const SCRIPTS = path.resolve(__dirname, "../../components/scripts");
const files = readdirSync(SCRIPTS, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sh") && file !== "lib/core/parameters.sh")
    .sort();

/** The text of a script without its comments. Variables of jq and awk are in small letters. */
const code = (file: string): string => readFileSync(path.join(SCRIPTS, file), "utf8").replace(/(^|\s)#.*$/gm, "");

const NAME = "[A-Z][A-Z0-9_]*";
const matches = (text: string, pattern: string): string[] =>
    [...text.matchAll(new RegExp(pattern, "gm"))].map(([, name]) => name);

/** The names that the scripts read: as variables, and as arithmetic. */
const readIn = (text: string): string[] => [
    ...matches(text, `(?<!\\\\)\\$\\{?[#!]?(${NAME})\\b`),
    ...matches(text, `[-+<>=(,*] ?(${NAME})(?= *[-+<>=),*])(?![^\\n]*\\]\\])`).filter((name) => name in PARAMETERS),
    ...matches(text, `desired_value (${NAME})`),
];

/** The names that they set themselves. */
const setIn = (text: string): string[] => [
    ...matches(text, `(?:^|[\\s;(])(${NAME})\\+?=`),
    ...matches(text, `\\bread -r[a]? (${NAME})`),
    ...matches(text, `\\bdeclare -g "?(${NAME})`),
];

/** Of bash, of jq, of files that the scripts source, of Pulumi, and of what `npm run generate` makes. */
const GIVEN =
    /^(BASH_\w+|SECONDS|EPOCHREALTIME|EUID|LINENO|IFS|PATH|ID|ID_LIKE|VERSION_ID|KUBELET_KUBEADM_ARGS|PULUMI_COMMAND_STDOUT|ARGS|EXPECTED)$/;

/** A service reads a file of settings, in which its names are not those of parameters. */
const isService = (file: string): boolean => file.startsWith("services/");
const isLocal = (file: string): boolean => file.startsWith("local/");

const without = ({ kind, sentence }: Parameter): Parameter => ({ kind, sentence });

const onHosts = files.filter((file) => !isService(file) && !isLocal(file)).map(code);
const local = files.filter(isLocal).map(code);

describe("a parameter", () => {
    it("that a script on a host reads is declared", () => {
        const set = new Set(onHosts.flatMap(setIn));
        const unknown = onHosts.flatMap(readIn).filter((name) => !set.has(name) && !GIVEN.test(name));
        expect([...new Set(unknown)].filter((name) => !(name in PARAMETERS))).toEqual([]);
    });

    it("that is declared is read, unless it only makes a step run again", () => {
        const read = new Set([...onHosts.flatMap(readIn), ...matches(onHosts.join("\n"), `staged_value (${NAME})`)]);
        const unread = Object.keys(PARAMETERS).filter((name) => !read.has(name));
        const triggers = Object.keys(PARAMETERS).filter((name) => PARAMETERS[name].kind === "trigger");
        expect(unread.sort()).toEqual(triggers.sort());
        expect(triggers).toContain(Object.keys(CHANGE_ATTEMPT)[0]);
    });

    it("of a script on the operator's machine is declared, and read", () => {
        const declared = Object.entries({ ...DIALED, ...ACCESS, ...QUESTIONS, ...COPY }).flatMap(([name, { kind }]) =>
            (kind as string) === "trigger" ? [] : [name],
        );
        const set = new Set(local.flatMap(setIn));
        const read = [...new Set(local.flatMap(readIn))].filter((name) => !set.has(name) && !GIVEN.test(name));
        expect(read.filter((name) => !/^HOST_/.test(name)).sort()).toEqual(declared.sort());
    });

    it("has one kind, one sentence and at most one default, whichever tables it is in", () => {
        for (const [name, parameter] of TABLES.flatMap((table) => Object.entries(table))) {
            const { [name]: declared } = PARAMETERS;
            expect(parameter, name).toEqual(parameter.default === undefined ? without(declared) : declared);
        }
    });

    it("that is a list is an array in every script: it is read whole, or counted", () => {
        const lists = Object.keys(PARAMETERS).filter((name) => PARAMETERS[name].kind === "list");
        const text = onHosts.join("\n");
        for (const name of lists) {
            const uses = [...text.matchAll(new RegExp(`\\$\\{?[#]?${name}\\b[^\\s]*`, "g"))].map(([use]) => use);
            const wrong = uses.filter((use) => !/^\$\{#?\w+\[[@*]\]/.test(use));
            expect(wrong, name).toEqual([]);
            expect(text).not.toMatch(new RegExp(`desired_value ${name}\\b`));
        }
    });

    it("that is no list is never read as an array", () => {
        const arrays = matches(onHosts.join("\n"), `\\$\\{#?(${NAME})\\[[@*]\\]`);
        expect(arrays.filter((name) => name in PARAMETERS && PARAMETERS[name].kind !== "list")).toEqual([]);
    });
});
