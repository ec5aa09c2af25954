import { describe, expect, it } from "vitest";
import { Stack, UNKNOWN } from "./stack";

describe("the output of a resource whose inputs did not change", () => {
    const program = (more: number): string => `
        const first = step("first", { text: "one" });
        step("second", { text: first.output });
        step("third", { text: first.output, more: ${more} });
    `;

    it("is the old one for what uses it, in a preview and in an up, and updates none of them", async () => {
        const stack = await Stack.create();
        await stack.up(program(1));
        stack.journal();
        expect(await stack.preview(program(2))).toEqual({
            third: { op: "update", inputs: { text: "first-1 one", more: 2 } },
        });
        await stack.up(program(2));
        expect(stack.journal()).toEqual(["update third-1 first-1 one"]);
    });
});

describe("dependsOn by an output that is unknown", () => {
    const program = `
        const first = step("first", { text: "one" });
        const made = step("made", { text: "two" });
        step("last", { text: "three" }, { dependsOn: first.output.apply(() => [made]) });
        step("user", { text: first.output });
    `;

    it("lets the preview of an empty stack plan every resource, and is a dependency after the up", async () => {
        const stack = await Stack.create();
        expect(await stack.preview(program)).toEqual({
            first: { op: "create", inputs: { text: "one" } },
            made: { op: "create", inputs: { text: "two" } },
            last: { op: "create", inputs: { text: "three" } },
            user: { op: "create", inputs: { text: UNKNOWN } },
        });
        await stack.up(program);
        expect(stack.states("last")[0].dependencies?.sort()).toEqual([stack.urn("first"), stack.urn("made")]);
    });
});

describe("an input under ignoreChanges", () => {
    const program = (text: string, key = 1): string =>
        `step("first", { text: "${text}", key: ${key} }, { ignoreChanges: ["text"], replaceOnChanges: ["key"] });`;

    it("keeps the first value", async () => {
        const stack = await Stack.create();
        await stack.up(program("one"));
        await stack.up(program("two"));
        expect(stack.journal()).toEqual(["create first-1 one"]);
        expect(stack.states("first")[0].inputs.text).toBe("one");
    });

    it.each([
        ["--replace", 1, true],
        ["a change of another input", 2, false],
    ])("takes the program's value in a replacement by %s", async (_, key, replace) => {
        const stack = await Stack.create();
        await stack.up(program("one"));
        await stack.up(program("two", key), ...(replace ? ["--replace", stack.urn("first")] : []));
        expect(stack.journal()).toEqual(["create first-1 one", "create first-2 two", "delete first-1 one"]);
    });
});

describe("a Stash", () => {
    const program = (input: string): string => `
        const stash = new pulumi.Stash("stash", { input: "${input}" });
        step("user", { text: stash.output });
    `;

    it("has its first input as output, and a later one only from --replace on", async () => {
        const stack = await Stack.create();
        await stack.up(program("one"));
        await stack.up(program("two"));
        expect(stack.journal()).toEqual(["create user-1 one"]);
        expect(stack.states("stash")[0].outputs).toEqual({ input: "two", output: "one" });
        await stack.up(program("two"), "--replace", stack.urn("stash", "pulumi:index:Stash"));
        expect(stack.journal()).toEqual(["update user-1 two"]);
    });
});
