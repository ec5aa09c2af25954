import { describe, expect, it } from "vitest";
import { Stack } from "./stack";

describe("--target", () => {
    const program = (text: string): string => `
        const target = step("target", { text: "${text}" });
        step("dependent", { text: target.output });
        step("other", { text: "${text}" });
    `;

    it("records the target's new inputs; dependents, others and those that left stay as they were", async () => {
        const stack = await Stack.create();
        await stack.up(`${program("one")} step("gone", { text: "one" });`);
        stack.journal();
        await stack.up(program("two"), "--target", stack.urn("target"));
        expect(stack.journal()).toEqual(["update target-1 two"]);
        const texts = ["target", "dependent", "other", "gone"].map((name) => stack.states(name)[0].inputs.text);
        expect(texts).toEqual(["two", "target-1 one", "one", "one"]);
    });
});

describe("--continue-on-error", () => {
    const program = (failCreate: boolean): string => `
        const bad = step("bad", { text: "one", failCreate: ${failCreate} });
        const child = step("child", { text: bad.output });
        step("grandchild", { text: "one" }, { dependsOn: child });
        const other = step("other", { text: "one" });
        step("otherChild", { text: other.output });
    `;

    it("skips the dependents of a failed resource and nobody else, and ends with an error", async () => {
        const stack = await Stack.create();
        await stack.failingUp(program(true), "--continue-on-error");
        expect(stack.journal().sort()).toEqual([
            "create bad: failed",
            "create other-1 one",
            "create otherChild-1 other-1 one",
        ]);
        await stack.up(program(false));
        expect(stack.journal()).toEqual(["create bad-1 one", "create child-1 bad-1 one", "create grandchild-1 one"]);
    });
});
