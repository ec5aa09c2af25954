import { describe, expect, it } from "vitest";
import { describeWrites, evaluateWrites, faultsOfWrites, fewestWrites } from "../e2e/writeLog";

/** A loop that was answered with 201 at these milliseconds, and with other codes at others. */
function logOf(began: number, acknowledged: number[], ended: number, others: [number, string][] = []): string {
    const attempts = [...acknowledged.map((time): [number, string] => [time, "201"]), ...others];
    const lines = attempts.sort(([a], [b]) => a - b).map(([time, code], i) => `${time} write-${i + 1} ${code}`);
    return [`begin ${began}`, ...lines, `end ${ended}`, ""].join("\n");
}

const names = (count: number): Set<string> => new Set(Array.from({ length: count }, (_, i) => `write-${i + 1}`));
const times = (first: number, count: number, step: number): number[] =>
    Array.from({ length: count }, (_, i) => first + i * step);

describe("writes while something happens", () => {
    it("are well when all are kept, none is missing for long, and there are enough", () => {
        const writes = evaluateWrites(logOf(1000, times(1200, 20, 200), 5100), names(20));
        expect(writes).toEqual({
            acknowledged: 20,
            lost: [],
            longestGapMs: 200,
            durationMs: 4100,
            unanswered: 0,
            otherCodes: {},
        });
        expect(faultsOfWrites(writes, 1)).toEqual([]);
    });

    it("are not well when none was acknowledged", () => {
        const refused = times(1200, 30, 200).map((time): [number, string] => [time, "000"]);
        for (const log of [logOf(1000, [], 8000, refused), logOf(1000, [], 1000)]) {
            expect(faultsOfWrites(evaluateWrites(log, new Set()), 60)).toEqual([
                "0 acknowledged writes, expected at least 11",
            ]);
        }
    });

    it("name those that were acknowledged and are not there", () => {
        const writes = evaluateWrites(logOf(0, times(100, 12, 100), 1300), names(10));
        expect(faultsOfWrites(writes, 1)).toEqual(["2 acknowledged writes are lost: write-11, write-12"]);
    });

    it.each([
        ["before the first write", logOf(0, times(4000, 12, 100), 5200), 4000],
        ["between two writes", logOf(0, [...times(100, 6, 100), ...times(4000, 6, 100)], 4600), 3400],
        ["after the last write, which has not ended", logOf(0, times(100, 12, 100), 5200), 4000],
    ])("count the gap %s", (_where, log, gap) => {
        const writes = evaluateWrites(log, names(12));
        expect(writes.longestGapMs).toBe(gap);
        expect(faultsOfWrites(writes, 3)).toEqual([`${gap} ms without an acknowledged write, expected at most 3000`]);
        expect(faultsOfWrites(writes, 4)).toEqual([]);
    });

    it("count other answers by their code, and report them", () => {
        const others: [number, string][] = [
            [150, "000"],
            [250, "500"],
            [350, "500"],
            [450, "403"],
        ];
        const writes = evaluateWrites(logOf(0, times(100, 12, 100), 1300, others), names(16));
        expect(writes).toMatchObject({ acknowledged: 12, unanswered: 1, otherCodes: { 403: 1, 500: 2 } });
        expect(describeWrites(writes)).toBe(
            "12 writes acknowledged in 1.3 s, the longest time without one 0.10 s, 1 without an answer" +
                ", 1 answered with 403, 2 answered with 500",
        );
    });

    it("are more than ten, and more in a longer time", () => {
        expect(fewestWrites(5_000, 15)).toBe(11);
        expect(fewestWrites(140_000, 15)).toBe(63);
    });

    it.each(["", "begin 1\n", "begin 1\n5 write-1\nend 9", "begin 1\n5 write-1 201\n", "5 write-1 201\nend 9"])(
        "are not evaluated when the loop was cut: %j",
        (log) => {
            expect(() => evaluateWrites(log, new Set())).toThrow("the loop of writes: got");
        },
    );
});
