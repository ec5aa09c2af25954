import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { onTestFinished } from "vitest";
import { capture } from "../../tools/process";
import { prepare } from "./environment";

/** What every program begins with: `step` registers a resource of the stub provider. */
const PREAMBLE = `
const pulumi = require("@pulumi/pulumi");
class Step extends pulumi.CustomResource {
    constructor(name, inputs, options) {
        super("stub:index:Step", name, { ...inputs, output: undefined, stdout: undefined }, options);
    }
}
const step = (name, inputs, options) => new Step(name, inputs, options);
`;

/** A resource as the state has it. */
export interface ResourceState {
    urn: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
    dependencies?: string[];
    /** Whether it was replaced and its delete is still to be done. */
    delete?: boolean;
}

/** What a preview would do to one resource. */
export interface PlannedStep {
    op: string;
    inputs: Record<string, unknown>;
}

/** Stands in a preview for an input that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** An empty stack in a folder of its own, run by the pinned engine with the stub provider. */
export class Stack {
    private linesSeen = 0;

    private constructor(
        private readonly folder: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    static async create(): Promise<Stack> {
        const folder = mkdtempSync(path.join(tmpdir(), "engine-"));
        onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
        const stack = new Stack(folder, await prepare(folder));
        await stack.succeeds("stack", "init", "dev");
        return stack;
    }

    /** An `up` without a preview before it, as the lab's. */
    async up(program: string, ...flags: string[]): Promise<void> {
        this.setProgram(program);
        await this.succeeds("up", "--yes", "--skip-preview", ...flags);
    }

    /** An `up` that has to end with an error. Returns what it says. */
    failingUp(program: string, ...flags: string[]): Promise<string> {
        this.setProgram(program);
        return this.fails("up", "--yes", "--skip-preview", ...flags);
    }

    /** What an `up` of this program would change, by resource name. */
    async preview(program: string): Promise<Record<string, PlannedStep>> {
        this.setProgram(program);
        const { steps } = JSON.parse(await this.succeeds("preview", "--json"));
        return Object.fromEntries(
            steps
                .filter(({ op, urn }: { op: string; urn: string }) => op !== "same" && urn.includes("::stub:"))
                .map(({ op, urn, newState }: { op: string; urn: string; newState: ResourceState }) => [
                    nameOf(urn),
                    { op, inputs: newState.inputs },
                ]),
        );
    }

    /** Runs `pulumi`, which has to end well. Returns its standard output. */
    async succeeds(...words: string[]): Promise<string> {
        const { code, stdout, stderr } = await this.pulumi(words);
        if (code !== 0) throw new Error(`pulumi ${words.join(" ")}: got exit code ${code}:\n${stdout}${stderr}`);
        return stdout;
    }

    /** Runs `pulumi`, which has to end with an error. Returns what it says. */
    async fails(...words: string[]): Promise<string> {
        const { code, stdout, stderr } = await this.pulumi(words);
        if (code === 0) throw new Error(`pulumi ${words.join(" ")}: got exit code 0, expected another:\n${stdout}`);
        return stdout + stderr;
    }

    setProgram = (program: string): void => writeFileSync(path.join(this.folder, "index.js"), PREAMBLE + program);

    /** What the engine asked of the stub provider since the last call, in order. */
    journal(): string[] {
        const file = path.join(this.folder, "journal");
        const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
        const unseen = lines.slice(this.linesSeen);
        this.linesSeen = lines.length;
        return unseen;
    }

    /** Whether the stub provider's deletes fail from now on. */
    refuseDeletes(refuse: boolean): void {
        const file = path.join(this.folder, "refuse-deletes");
        if (refuse) writeFileSync(file, "");
        else rmSync(file);
    }

    /** All that the state has under this name: two while the delete of a replaced one is still to be done. */
    states(name: string): ResourceState[] {
        const file = path.join(this.folder, "state/.pulumi/stacks/engine/dev.json");
        const { checkpoint } = JSON.parse(readFileSync(file, "utf8"));
        return (checkpoint.latest?.resources ?? []).filter(({ urn }: ResourceState) => nameOf(urn) === name);
    }

    urn = (name: string, type = "stub:index:Step"): string => `urn:pulumi:dev::engine::${type}::${name}`;

    private pulumi = (words: string[]): ReturnType<typeof capture> =>
        capture(["pulumi", ...words, "--non-interactive", "--color", "never"], { cwd: this.folder, env: this.env });
}

const nameOf = (urn: string): string => urn.split("::").pop()!;
