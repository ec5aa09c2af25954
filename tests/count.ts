/** What a suite's tests came to. */
export interface Count {
    passed: number;
    /** The tests that failed, by name. */
    failed: string[];
    /** The tests that did not run, by name. */
    skipped: string[];
}

const NOTHING: Readonly<Count> = { passed: 0, failed: [], skipped: [] };

const plus = (a: Count, b: Count): Count => ({
    passed: a.passed + b.passed,
    failed: [...a.failed, ...b.failed],
    skipped: [...a.skipped, ...b.skipped],
});

interface VitestReport {
    testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[];
}

/** A command that failed without a test of its own to blame has failed as one test. */
function failedCommand(code: number, failed: string[]): string[] {
    return code !== 0 && failed.length === 0 ? [`its command ended with exit code ${code}`] : failed;
}

/** Counts a command as one test, which its exit code decides. */
export const countCommand = (code: number): Count => ({
    passed: code === 0 ? 1 : 0,
    failed: failedCommand(code, []),
    skipped: [],
});

/** Counts vitest's JSON report. A run that ended before it could report (a suite that does not load) has failed. */
export function countVitest(report: string, code: number, root: string): Count {
    const parsed = parse(report);
    if (parsed === undefined) {
        return { passed: 0, failed: [`vitest wrote no report, and ended with exit code ${code}`], skipped: [] };
    }
    const files = parsed.testResults.map(({ name, status, assertionResults }) => {
        const file = name.replace(`${root}/`, "");
        const names = (is: (status: string) => boolean): string[] =>
            assertionResults.filter((test) => is(test.status)).map(({ fullName }) => `${file}: ${fullName}`);
        const failed = names((status) => status === "failed");
        return {
            passed: names((status) => status === "passed").length,
            // A file that does not load, or whose last hook fails, has no test that failed.
            failed: status === "failed" && failed.length === 0 ? [file] : failed,
            skipped: names((status) => status !== "passed" && status !== "failed"),
        };
    });
    const count = files.reduce(plus, NOTHING);
    return { ...count, failed: failedCommand(code, count.failed) };
}

function parse(report: string): VitestReport | undefined {
    try {
        return JSON.parse(report);
    } catch {
        return undefined;
    }
}

/** An event of `go test -json`. */
export interface GoEvent {
    Action: string;
    Test?: string;
    Output?: string;
}

/**
 * Counts the events of `go test -json`. A skipped test is a failure unless it is among those that may be skipped: what a
 * test needs is brought by whoever runs it here.
 */
export function countGo(events: GoEvent[], code: number, mayBeSkipped: Record<string, string>): Count {
    const count: Count = { passed: 0, failed: [], skipped: [] };
    for (const { Action, Test } of events) {
        if (!Test) continue;
        if (Action === "pass") count.passed++;
        else if (Action === "fail" || (Action === "skip" && !(Test in mayBeSkipped))) count.failed.push(Test);
        else if (Action === "skip") count.skipped.push(`${Test}: ${mayBeSkipped[Test]}`);
    }
    return { ...count, failed: failedCommand(code, count.failed) };
}

/** The end of a run's output: what failed and what was skipped, by suite, and the counts alone on the last line. */
export function summary(counts: [suite: string, count: Count][]): string {
    const list = (what: "failed" | "skipped"): string[] =>
        counts
            .filter(([, count]) => count[what].length > 0)
            .map(([suite, count]) =>
                [`${what} in ${suite}:`, ...count[what].map((name) => `  ${name}`), ""].join("\n"),
            );
    const { passed, failed, skipped } = counts.map(([, count]) => count).reduce(plus, NOTHING);
    const total = `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
    return [...list("skipped"), ...list("failed"), total, ""].join("\n");
}
