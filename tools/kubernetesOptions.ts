import { writeFileSync } from "fs";
import * as path from "path";
import { json } from "./generate";
import { ensureGo } from "./go";
import { must } from "./process";
import { Report } from "./progress";
import { FORMER_SUFFIX } from "./recipes";
import { ensureTools } from "./tools";
import { VERSIONS } from "./versions";

const FILE = "components/versions/kubernetesOptions.json";

/** Flags, and the type of each as the program's help has it; a flag without a type is boolean. */
type Flags = Record<string, string>;

/** What a minor version of Kubernetes takes: flags by program, fields by kind. */
type Options = Record<string, unknown>;

const PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"];

const minorOf = (version: string): string => version.split(".", 2).join(".");

/** The programs of a minor version, and the module that pins its sources. */
const MINORS = {
    [minorOf(VERSIONS.kubernetesFormer)]: { suffix: FORMER_SUFFIX, module: "kubernetes-former" },
    [minorOf(VERSIONS.kubernetes)]: { suffix: "", module: "kubernetes" },
};

/** The flags and configuration fields of a supported minor version, from its own programs and types. */
export async function optionsOf(minor: string, report: Report): Promise<Options> {
    const { suffix, module } = MINORS[minor];
    const names = PROGRAMS.map((name) => name + suffix);
    const tools = await ensureTools(names, report);
    const flags = PROGRAMS.map(async (name) => [name, await flagsOf(tools[name + suffix])] as const);
    return { ...Object.fromEntries(await Promise.all(flags)), ...(await fieldsOf(module, report)) };
}

async function flagsOf(program: string): Promise<Flags> {
    const help = await must(`${path.basename(program)} --help`, [program, "--help"]);
    const lines = [...help.matchAll(/^ +(?:-\w, )?--([\w.-]+)(?: (\S+))?(?: {2,}|$)/gm)];
    return Object.fromEntries(lines.map(([, name, type]) => [name, type ?? "bool"]));
}

async function fieldsOf(module: string, report: Report): Promise<Options> {
    const go = await ensureGo(report);
    const cwd = path.join(__dirname, "fallback/modules", module);
    return JSON.parse(await must("go run", [go, "run", path.join(__dirname, "fields/main.go")], { cwd })) as Options;
}

/** `npm run generate:kubernetes` */
async function main(): Promise<void> {
    const options: Record<string, Options> = {};
    for (const minor of Object.keys(MINORS)) options[minor] = await optionsOf(minor, (line) => console.error(line));
    const { path: file, text } = await json(FILE, options);
    writeFileSync(file, text);
}

if (require.main === module) void main();
