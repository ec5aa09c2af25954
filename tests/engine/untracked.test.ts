import * as path from "path";
import { expect, it } from "vitest";
import { Stack } from "./stack";

const COMPONENTS = path.resolve(__dirname, "../../components");

/** As the barrier and `finish`: a step that waits for all others, and depends only on those that failed. */
const program = (fails: boolean): string => `
    const { ifProduced, untracked } = require("${COMPONENTS}/lib/outputs.ts");
    const { unlessFailed } = require("${COMPONENTS}/host/dependencies.ts");
    const others = ["one", "two"].map((name) => step(name, { text: "${fails}", milliseconds: 500 }));
    const bad = step("bad", { text: "${fails}", failCreate: ${fails} });
    const steps = [...others, bad];
    const texts = untracked(pulumi.all(steps.map(({ output }) => ifProduced(output))));
    step("all", { text: texts.apply((all) => all.join("+")) }, { dependsOn: unlessFailed(steps) });
    step("after", { text: others[0].output });
`;

it("a step that waits without a recorded dependency is skipped when one of the others fails, and runs after all of them", async () => {
    const stack = await Stack.create();
    const said = await stack.failingUp(program(true), "--continue-on-error");
    expect(
        stack
            .journal()
            .filter((line) => /^(begin|create (all|after))/.test(line))
            .sort(),
    ).toEqual(["begin one", "begin two", "create after-1 one-1 true"]);
    expect(said).not.toContain("serializing");
    await stack.up(program(false), "--continue-on-error");
    expect(stack.journal().at(-1)).toBe("create all-1 one-1 false+two-1 false+bad-1 false");
    expect(stack.states("all")[0].dependencies ?? []).toEqual([]);
});
