/** What a loop of writes came to. */
export interface Writes {
    /** How many writes were answered with 201. */
    acknowledged: number;
    /** The writes that were acknowledged and are not there afterwards. */
    lost: string[];
    /** The longest time without an acknowledged write, the times before the first and after the last one included. */
    longestGapMs: number;
    durationMs: number;
    /** How many writes got no answer. */
    unanswered: number;
    /** How many answers were of another code than 201, by code. */
    otherCodes: Record<string, number>;
}

/** curl's code where there was no answer: a connection that failed, or the end of its time. */
const NO_ANSWER = "000";

/** Evaluates what write-loop.sh printed, against the names that are there afterwards. */
export function evaluateWrites(log: string, kept: ReadonlySet<string>): Writes {
    const lines = log.trim().split("\n");
    const began = stampOf("begin", lines[0]);
    const ended = stampOf("end", lines[lines.length - 1]);
    const attempts = lines.slice(1, -1).map((line) => /^(\d+) (\S+) (\d{3})$/.exec(line) ?? refuse(line));
    const written = attempts.filter(([, , , code]) => code === "201");
    const times = [began, ...written.map(([, time]) => Number(time)), ended];
    const otherCodes: Record<string, number> = {};
    for (const [, , , code] of attempts) {
        if (code !== "201" && code !== NO_ANSWER) otherCodes[code] = (otherCodes[code] ?? 0) + 1;
    }
    return {
        acknowledged: written.length,
        lost: written.map(([, , name]) => name).filter((name) => !kept.has(name)),
        longestGapMs: Math.max(...times.slice(1).map((time, i) => time - times[i])),
        durationMs: ended - began,
        unanswered: attempts.filter(([, , , code]) => code === NO_ANSWER).length,
        otherCodes,
    };
}

function stampOf(word: string, line: string): number {
    const [first, time, ...more] = line.split(" ");
    if (first !== word || !/^\d+$/.test(time ?? "") || more.length > 0) refuse(line, `${word} and a time`);
    return Number(time);
}

function refuse(line: string, expected = "time, name and code of a write"): never {
    throw new Error(`the loop of writes: got '${line}', expected ${expected}`);
}

/**
 * The fewest acknowledged writes that say something. A loop on idle cores makes five a second and more, so one in two seconds
 * is little to ask of the time beside the longest gap that is allowed.
 */
export const fewestWrites = (durationMs: number, atMostSeconds: number): number =>
    Math.max(11, Math.ceil((durationMs / 1000 - atMostSeconds) / 2));

/** What is wrong with these writes, where none may be lost and none may be missing for longer than `atMostSeconds`. */
export function faultsOfWrites(writes: Writes, atMostSeconds: number): string[] {
    const { acknowledged, lost, longestGapMs, durationMs } = writes;
    const fewest = fewestWrites(durationMs, atMostSeconds);
    const faults: string[] = [];
    if (acknowledged < fewest) faults.push(`${acknowledged} acknowledged writes, expected at least ${fewest}`);
    if (lost.length > 0) faults.push(`${lost.length} acknowledged writes are lost: ${lost.join(", ")}`);
    if (longestGapMs > atMostSeconds * 1000) {
        faults.push(`${longestGapMs} ms without an acknowledged write, expected at most ${atMostSeconds * 1000}`);
    }
    return faults;
}

/** One line for whoever reads the test's output. */
export function describeWrites({ acknowledged, longestGapMs, durationMs, unanswered, otherCodes }: Writes): string {
    const codes = Object.entries(otherCodes).map(([code, count]) => `, ${count} answered with ${code}`);
    return (
        `${acknowledged} writes acknowledged in ${(durationMs / 1000).toFixed(1)} s, the longest time without one ` +
        `${(longestGapMs / 1000).toFixed(2)} s, ${unanswered} without an answer${codes.join("")}`
    );
}
