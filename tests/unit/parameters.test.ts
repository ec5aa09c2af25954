import { execFileSync } from "child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preamble, shellQuote } from "../../components/host/contract";

const text = fc.string({ unit: "grapheme" }).filter((s) => !s.includes("\0"));

describe("shellQuote", () => {
    it("gives bash back what it was given, whatever that was", () => {
        fc.assert(
            fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (values) => {
                const script = `printf '%s\\0' ${values.map(shellQuote).join(" ")}`;
                const printed = execFileSync("bash", ["-c", script], { encoding: "utf8" });
                expect(printed.split("\0").slice(0, -1)).toEqual(values);
            }),
            { numRuns: 50 },
        );
    });
});

describe("preamble", () => {
    it("assigns every parameter, newlines and quotes kept", () => {
        const value = "a 'quoted'\nline with $HOME, `id` and \\";
        const script = `${preamble({ B: value, A: 1, C: true })}printf '%s|%s|%s' "$A" "$B" "$C"`;
        expect(execFileSync("bash", ["-c", script], { encoding: "utf8" })).toBe(`1|${value}|true`);
    });

    it("makes an array of a list, with every item as it was", () => {
        fc.assert(
            fc.property(fc.array(text, { maxLength: 20 }), (LIST) => {
                const script = `${preamble({ LIST })}printf '%s\\0' "\${#LIST[@]}" "\${LIST[@]}"`;
                const printed = execFileSync("bash", ["-c", script], { encoding: "utf8" });
                expect(printed.split("\0").slice(0, LIST.length + 1)).toEqual([String(LIST.length), ...LIST]);
            }),
            { numRuns: 50 },
        );
    });

    it("has one item of a list a line, so that a diff shows what changed, and nothing of what is not sent", () => {
        expect(preamble({ B: [], A: ["one", "two"], C: undefined })).toBe("A=(\n'one'\n'two'\n)\nB=()\n");
    });

    it("does not depend on the order in which parameters were written", () => {
        expect(preamble({ B: 2, A: 1 })).toBe(preamble({ A: 1, B: 2 }));
    });
});
