import * as path from "path";
import { beforeEach, describe, expect, it } from "vitest";
import { Stack } from "./stack";

const COMPONENTS = path.resolve(__dirname, "../../components");

interface HostOfTest {
    name: string;
    /** A change of it changes the desired state. */
    text: string;
    failPrepare?: boolean;
    failNode?: boolean;
}

/** The real steps and turns, of hosts whose steps are those of the stub provider. */
const program = (hosts: HostOfTest[], options = "{}"): string => `
    const { hostSteps } = require("${COMPONENTS}/host/steps.ts");
    const { inTurns } = require("${COMPONENTS}/host/turns.ts");
    const { whenSettled } = require("${COMPONENTS}/host/dependencies.ts");
    const { resolveSetup } = require("${COMPONENTS}/model/hostSetup.ts");
    const shape = { setup: resolveSetup([]) };
    const fails = (failed) => ({ failCreate: failed, failUpdate: failed });
    const hostOf = ({ name, failPrepare, failNode }) => ({
        shape,
        settings: pulumi.output(shape),
        fileContents: {},
        preflightDependencies: () => [],
        run: (stepName, { phase, head }, opts) =>
            step(
                stepName,
                phase === "prepare"
                    ? { text: pulumi.interpolate\`\${head.DESIRED} \${head.NODE_DIGEST}\`, ...fails(failPrepare) }
                    : { text: pulumi.interpolate\`\${head.DESIRED} \${head.PREPARED}\`, milliseconds: 1500, ...fails(failNode) },
                opts,
            ),
    });
    const create = (item, turnAfter) =>
        hostSteps(item.name, { host: hostOf(item), desired: pulumi.output({ TEXT: item.text }), turnAfter }, {});
    const turns = inTurns({ items: ${JSON.stringify(hosts)}, create, ...${options} });
    step("last", { text: "last" }, { dependsOn: turns.changed });
`;

const hosts = (text: string, ...names: string[]): HostOfTest[] => names.map((name) => ({ name, text }));
const ABC = ["a", "b", "c"];

let stack: Stack;
beforeEach(async () => {
    stack = await Stack.create();
});

/** The beginnings and ends of the `node` steps, without ids. */
const nodeSteps = (): string[] =>
    stack
        .journal()
        .map((line) => line.replace(/^(create|update) (.*)-node-.*/, "end $2").replace(/-node$/, ""))
        .filter((line) => /^(begin|end) .$/.test(line));

const dependenciesOf = (name: string): string[] =>
    (stack.states(name)[0].dependencies ?? []).map((urn) => urn.split("::").pop()!).sort();

describe("the steps of hosts of one kind", () => {
    it("are all planned by the preview of an empty stack", async () => {
        const planned = await stack.preview(program(hosts("one", ...ABC)));
        expect(Object.keys(planned).sort()).toEqual(
            [...ABC.flatMap((name) => [`${name}-prepare`, `${name}-node`]), "last"].sort(),
        );
    });

    it("run side by side on new hosts, one after the other on live ones, and not at all without a change", async () => {
        await stack.up(program(hosts("one", ...ABC)));
        expect(nodeSteps().slice(0, 3).sort()).toEqual(["begin a", "begin b", "begin c"]);
        expect(dependenciesOf("c-node")).toEqual(["c-prepare"]);
        expect(dependenciesOf("last")).toEqual(["a-node", "b-node", "c-node"]);

        await stack.up(program(hosts("two", ...ABC)));
        expect(nodeSteps()).toEqual(["begin a", "end a", "begin b", "end b", "begin c", "end c"]);
        expect(dependenciesOf("c-node")).toEqual(["b-node", "c-prepare"]);
        expect(dependenciesOf("last")).toEqual(["c-node"]);

        await stack.up(program(hosts("two", ...ABC)));
        expect(stack.journal()).toEqual([]);
    });

    it("change live hosts once the new ones of the same run have joined", async () => {
        await stack.up(program(hosts("one", ...ABC)));
        nodeSteps();
        await stack.up(program(hosts("two", ...ABC, "d", "e")));
        const steps = nodeSteps();
        expect(steps.slice(0, 2).sort()).toEqual(["begin d", "begin e"]);
        expect(steps.slice(4)).toEqual(["begin a", "end a", "begin b", "end b", "begin c", "end c"]);
    });

    it("change live hosts without those joins where nothing depends on them", async () => {
        await stack.up(program(hosts("one", ...ABC)));
        await stack.up(program(hosts("two", ...ABC, "d"), "{ joinsFirst: false }"));
        expect(dependenciesOf("a-node")).toEqual(["a-prepare"]);
    });

    it("change as many live hosts at one time as they may, and no host's dependencies name all others", async () => {
        const many = Array.from({ length: 12 }, (_, i) => `h${i}`);
        const options = "{ atOnce: 5, joinsFirst: false }";
        await stack.up(program(hosts("one", ...many), options));
        await stack.up(program(hosts("two", ...many), options));
        expect(dependenciesOf("h11-node")).toEqual(["h11-prepare", "h6-node"]);
        // The first five are live and wait for nobody; the last was added, and is no live host's turn.
        await stack.up(program([...hosts("three", ...many), ...hosts("three", "new")], options));
        expect(dependenciesOf("new-node")).toEqual(["new-prepare"]);
    });
});

describe("a host that fails under --continue-on-error", () => {
    const failing = (text: string, failure: Partial<HostOfTest>) =>
        hosts(text, ...ABC).map((host) => (host.name === "b" ? { ...host, ...failure } : host));

    it("in its join: the others join, and what comes after goes on", async () => {
        await stack.failingUp(program(failing("one", { failNode: true })), "--continue-on-error");
        expect(dependenciesOf("last")).toEqual(["a-node", "c-node"]);
        stack.journal();
        await stack.up(program(hosts("one", ...ABC)));
        expect(nodeSteps()).toEqual(["begin b", "end b"]);
    });

    it("to be reached: the other live ones change in turns, and it changes in the next run", async () => {
        await stack.up(program(hosts("one", ...ABC)));
        nodeSteps();
        await stack.failingUp(program(failing("two", { failPrepare: true })), "--continue-on-error");
        expect(nodeSteps()).toEqual(["begin a", "end a", "begin c", "end c"]);
        await stack.up(program(hosts("two", ...ABC)));
        expect(nodeSteps()).toEqual(["begin b", "end b"]);
    });

    it("in its change: neither the next live one changes, nor does what comes after go on", async () => {
        await stack.up(program(hosts("one", ...ABC)));
        nodeSteps();
        await stack.failingUp(program(failing("two", { failNode: true })), "--continue-on-error");
        expect(nodeSteps()).toEqual(["begin a", "end a"]);
    });

    it("in its change, which is then taken back: it is changed back", async () => {
        await stack.up(program(hosts("one", ...ABC)));
        await stack.failingUp(program(failing("two", { failNode: true })));
        nodeSteps();
        await stack.up(program(hosts("one", ...ABC)));
        expect(nodeSteps()).toEqual(["begin a", "end a", "begin b", "end b", "begin c", "end c"]);
    });
});
