import { describe, expect, it } from "vitest";
import { Stack } from "./stack";

const PROGRAM = `
    const kept = step("kept", { text: "one" }, { protect: true });
    step("dependent", { text: kept.output });
    step("other", { text: "one" });
`;
const REFUSAL = `::kept" cannot be deleted`;

describe("a protected resource", () => {
    it("makes a destroy fail in its preview, so that nothing is deleted until the state is unprotected", async () => {
        const stack = await protectedStack();
        expect(await stack.fails("destroy", "--yes")).toContain(REFUSAL);
        expect(stack.journal()).toEqual([]);
        await stack.succeeds("state", "unprotect", "--all", "--yes");
        await stack.succeeds("destroy", "--yes");
        expect(stack.journal().sort()).toEqual([
            "delete dependent-1 kept-1 one",
            "delete kept-1 one",
            "delete other-1 one",
        ]);
    });

    it("makes an up fail in its preview whose program has lost all resources, so that nothing is deleted", async () => {
        const stack = await protectedStack();
        stack.setProgram("");
        expect(await stack.fails("up", "--yes")).toContain(REFUSAL);
        expect(stack.journal()).toEqual([]);
    });

    it.each(["destroy", "up"])(
        "keeps itself alone where %s is run with --skip-preview: it fails, and deletes the others",
        async (verb) => {
            const stack = await protectedStack();
            stack.setProgram("");
            expect(await stack.fails(verb, "--yes", "--skip-preview")).toContain(REFUSAL);
            expect(stack.journal().sort()).toEqual(["delete dependent-1 kept-1 one", "delete other-1 one"]);
            expect(stack.states("kept")).toHaveLength(1);
        },
    );

    it("makes --replace of it fail before anything is created", async () => {
        const stack = await protectedStack();
        expect(await stack.failingUp(PROGRAM, "--replace", stack.urn("kept"))).toContain("unable to replace resource");
        expect(stack.journal()).toEqual([]);
    });
});

async function protectedStack(): Promise<Stack> {
    const stack = await Stack.create();
    await stack.up(PROGRAM);
    expect(stack.journal()).toHaveLength(3);
    return stack;
}
