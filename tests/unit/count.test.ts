import { describe, expect, it } from "vitest";
import { countCommand, countGo, countVitest, summary } from "../count";

const test = (status: string, fullName: string) => ({ status, fullName });
const file = (status: string, ...assertionResults: object[]) => ({
    name: "/root/tests/unit/a.test.ts",
    status,
    assertionResults,
});
const report = (...testResults: object[]) => JSON.stringify({ testResults });

describe("the count of a test run", () => {
    it("names the tests that failed, and those that vitest skipped, whatever the reason", () => {
        const tests = [test("passed", "a b"), test("failed", "a c"), test("skipped", "a d"), test("todo", "a e")];
        expect(countVitest(report(file("failed", ...tests)), 1, "/root")).toEqual({
            passed: 1,
            failed: ["tests/unit/a.test.ts: a c"],
            skipped: ["tests/unit/a.test.ts: a d", "tests/unit/a.test.ts: a e"],
        });
    });

    it("is a failure when vitest reported nothing, or failed with every test passed", () => {
        const passed = report(file("passed", test("passed", "a")));
        expect(countVitest("", 0, "/root").failed).toEqual(["vitest wrote no report, and ended with exit code 0"]);
        expect(countVitest(passed, 1, "/root").failed).toEqual(["its command ended with exit code 1"]);
        expect(countVitest(passed, 0, "/root")).toEqual({ passed: 1, failed: [], skipped: [] });
    });

    it("names a file that does not load, beside the tests of others", () => {
        const text = report(file("passed", test("passed", "a")), file("failed"));
        expect(countVitest(text, 1, "/root")).toEqual({
            passed: 1,
            failed: ["tests/unit/a.test.ts"],
            skipped: [],
        });
    });

    it("counts another command as one test", () => {
        expect(countCommand(0)).toEqual({ passed: 1, failed: [], skipped: [] });
        expect(countCommand(2)).toEqual({ passed: 0, failed: ["its command ended with exit code 2"], skipped: [] });
    });

    it("takes a skipped Go test for a failure, unless there is a reason for it", () => {
        const events = [
            { Action: "run", Test: "TestA" },
            { Action: "pass", Test: "TestA" },
            { Action: "skip", Test: "TestB" },
            { Action: "skip", Test: "TestC" },
            { Action: "pass" },
        ];
        expect(countGo(events, 0, { TestC: "wants a Mac" })).toEqual({
            passed: 1,
            failed: ["TestB"],
            skipped: ["TestC: wants a Mac"],
        });
        expect(countGo(events.slice(0, 2), 1, {}).failed).toHaveLength(1);
        expect(countGo(events.slice(0, 2), 0, {})).toEqual({ passed: 1, failed: [], skipped: [] });
    });

    it("ends with the counts alone on the last line, after what was skipped and what failed", () => {
        const counts: Parameters<typeof summary>[0] = [
            ["unit", { passed: 3, failed: [], skipped: [] }],
            ["command plugin", { passed: 1, failed: ["TestB"], skipped: ["TestC: wants a Mac"] }],
        ];
        expect(summary(counts)).toBe(
            "skipped in command plugin:\n  TestC: wants a Mac\n\nfailed in command plugin:\n  TestB\n\n4 passed, 1 failed, 1 skipped\n",
        );
        expect(summary(counts.slice(0, 1))).toBe("3 passed, 0 failed, 0 skipped\n");
    });
});
