/** What a suite's tests came to. */
export interface Count {
    passed: number;
    failed: number;
    /** The tests that did not run, by name. */
    skipped: string[];
}

export const NOTHING: Readonly<Count> = { passed: 0, failed: 0, skipped: [] };

export const plus = (a: Count, b: Count): Count => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: [...a.skipped, ...b.skipped],
});

interface VitestReport {
    testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
}

/** Counts vitest's JSON report. A run that ended before it could report (a suite that does not load) has failed. */
export function countVitest(report: string, code: number, root: string): Count {
    const parsed = parse(report);
    if (parsed === undefined) return { passed: 0, failed: 1, skipped: [] };
    const { testResults } = parsed;
    const tests = testResults.flatMap(({ name, assertionResults }) =>
        assertionResults.map((test) => ({ ...test, name: `${name.replace(`${root}/`, "")}: ${test.fullName}` })),
    );
    const passed = tests.filter(({ status }) => status === "passed").length;
    const failed = tests.filter(({ status }) => status === "failed").length;
    const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed").map(({ name }) => name);
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
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
    const count: Count = { passed: 0, failed: 0, skipped: [] };
    for (const { Action, Test } of events) {
        if (!Test) continue;
        if (Action === "pass") count.passed++;
        else if (Action === "fail" || (Action === "skip" && !(Test in mayBeSkipped))) count.failed++;
        else if (Action === "skip") count.skipped.push(`${Test}: ${mayBeSkipped[Test]}`);
    }
    return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** The end of a run's output: what was skipped, by suite, and the counts alone on the last line. */
export function summary(counts: [suite: string, count: Count][]): string {
    const total = counts.map(([, count]) => count).reduce(plus, NOTHING);
    const skipped = counts
        .filter(([, count]) => count.skipped.length > 0)
        .map(([suite, count]) => [`skipped in ${suite}:`, ...count.skipped.map((name) => `  ${name}`), ""].join("\n"));
    return [...skipped, `${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`, ""].join(
        "\n",
    );
}
