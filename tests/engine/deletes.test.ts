import { describe, expect, it } from "vitest";
import { Stack } from "./stack";

const KEPT = `step("kept", { text: "one" });`;
const GONE = `step("gone", { text: "one" });`;
const BAD = `const bad = step("bad", { failCreate: true });`;
const RECOVER_ALL = `for (const key of ["urn", "id", "output", "stdout", "failCreate"]) pulumi.recover(bad[key], () => "failed");`;

describe("the delete of a resource that left the program", () => {
    it("does not run in an up whose program throws, and runs in the next that ends well", async () => {
        const stack = await stackWithGone();
        await stack.failingUp(`${KEPT} throw new Error("as told");`);
        expect(stack.journal()).toEqual([]);
        await expectDeleteOfGone(stack);
    });

    it("does not run in an up in which a resource fails", async () => {
        const stack = await stackWithGone();
        await stack.failingUp(KEPT + BAD);
        expect(stack.journal()).toEqual(["create bad: failed"]);
        await expectDeleteOfGone(stack);
    });

    it("does not run with --continue-on-error either, though the program recovers one output", async () => {
        const stack = await stackWithGone();
        const program = `${KEPT} ${BAD} step("late", { text: pulumi.recover(bad.urn, () => "recovered") });`;
        await stack.failingUp(program, "--continue-on-error");
        expect(stack.journal()).toEqual(["create bad: failed", "create late-1 recovered"]);
        expect(stack.states("gone")).toHaveLength(1);
    });

    // The engine deletes once the program has ended well. A program of the Node SDK fails by each output of a failed
    // resource that nobody handles, so it takes a program that handles all of them.
    it("runs with --continue-on-error where the program recovers every output of what failed", async () => {
        const stack = await stackWithGone();
        await stack.failingUp(KEPT + BAD + RECOVER_ALL, "--continue-on-error");
        expect(stack.journal()).toEqual(["create bad: failed", "delete gone-1 one"]);
    });
});

describe("a replacement", () => {
    const program = (text: string): string => `
        const claim = step("claim", { text: "${text}" });
        step("user", { text: claim.output });
    `;

    it("creates the new, updates what uses its output, then deletes the old with the old outputs", async () => {
        const stack = await Stack.create();
        await stack.up(program("one"));
        expect(stack.journal()).toEqual(["create claim-1 one", "create user-1 claim-1 one"]);
        await stack.up(program("two"), "--replace", stack.urn("claim"));
        expect(stack.journal()).toEqual(["create claim-2 two", "update user-1 claim-2 two", "delete claim-1 one"]);
    });

    it("whose delete failed is finished by the next up, though no input has changed", async () => {
        const stack = await Stack.create();
        await stack.up(KEPT);
        stack.refuseDeletes(true);
        await stack.failingUp(KEPT, "--replace", stack.urn("kept"));
        expect(stack.journal()).toEqual(["create kept-1 one", "create kept-2 one", "delete kept-1 one: failed"]);
        expect(stack.states("kept").map((state) => [state.outputs.output, state.delete])).toEqual([
            ["kept-2 one", undefined],
            ["kept-1 one", true],
        ]);
        stack.refuseDeletes(false);
        await stack.up(KEPT);
        expect(stack.journal()).toEqual(["delete kept-1 one"]);
        expect(stack.states("kept")).toHaveLength(1);
    });
});

async function stackWithGone(): Promise<Stack> {
    const stack = await Stack.create();
    await stack.up(KEPT + GONE);
    expect(stack.journal().sort()).toEqual(["create gone-1 one", "create kept-1 one"]);
    return stack;
}

async function expectDeleteOfGone(stack: Stack): Promise<void> {
    expect(stack.states("gone")).toHaveLength(1);
    await stack.up(KEPT);
    expect(stack.journal()).toEqual(["delete gone-1 one"]);
    expect(stack.states("gone")).toEqual([]);
}
