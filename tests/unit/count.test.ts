import { describe, expect, it } from "vitest";
import { countGo, countVitest, summary } from "../count";

const test = (status: string, fullName: string) => ({ status, fullName });
const report = (...assertionResults: object[]) =>
    JSON.stringify({ testResults: [{ name: "/root/tests/unit/a.test.ts", assertionResults }] });

describe("the count of a test run", () => {
    it("names the tests that vitest skipped, whatever the reason", () => {
        const text = report(test("passed", "a b"), test("failed", "a c"), test("skipped", "a d"), test("todo", "a e"));
        expect(countVitest(text, 1, "/root")).toEqual({
            passed: 1,
            failed: 1,
            skipped: ["tests/unit/a.test.ts: a d", "tests/unit/a.test.ts: a e"],
        });
    });

    it("is a failure when vitest reported nothing, or failed with every test passed", () => {
        expect(countVitest("", 0, "/root").failed).toBe(1);
        expect(countVitest(report(test("passed", "a")), 1, "/root")).toEqual({ passed: 1, failed: 1, skipped: [] });
        expect(countVitest(report(test("passed", "a")), 0, "/root").failed).toBe(0);
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
            failed: 1,
            skipped: ["TestC: wants a Mac"],
        });
        expect(countGo(events.slice(0, 2), 1, {}).failed).toBe(1);
        expect(countGo(events.slice(0, 2), 0, {})).toEqual({ passed: 1, failed: 0, skipped: [] });
    });

    it("ends with the counts alone on the last line, after what was skipped", () => {
        const counts: Parameters<typeof summary>[0] = [
            ["unit", { passed: 3, failed: 0, skipped: [] }],
            ["command plugin", { passed: 1, failed: 1, skipped: ["TestC: wants a Mac"] }],
        ];
        expect(summary(counts)).toBe(
            "skipped in command plugin:\n  TestC: wants a Mac\n\n4 passed, 1 failed, 1 skipped\n",
        );
        expect(summary(counts.slice(0, 1))).toBe("3 passed, 0 failed, 0 skipped\n");
    });
});
