import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { shorten } from "../../components/lib/failures";

it("what needs a failed step is told in one line, any other error is left alone", () => {
    const failed =
        'error serializing property "stdin": resource c-w2-preflight [command:remote:Command] failed to register';
    const dependent = new Error(failed);
    shorten(dependent);
    expect(pulumi.RunError.isInstance(dependent)).toBe(true);
    expect(dependent.message).toBe(
        "c-w2-preflight failed, so the steps that depend on it were skipped; the reason stands under its name",
    );
    const others = [new Error("undefined is not a function"), new Error(`${failed}: more`), "a text", undefined];
    for (const other of others) shorten(other);
    expect(others.map((other) => pulumi.RunError.isInstance(other))).toEqual([false, false, false, false]);
});
