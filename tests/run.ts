import { spawn } from "child_process";
import { mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { ensureGo } from "../tools/go";
import { operatorBin } from "../tools/toolchain";

/** One part of the test run: what it is called, and how to count what it did. */
interface Suite {
    name: string;
    run(): Promise<Count>;
    /** Takes long, and runs only when it is named or with `all`. */
    onRequest?: boolean;
}

interface Count {
    passed: number;
    failed: number;
    skipped: number;
}

const scratch = mkdtempSync(path.join(tmpdir(), "npm-test-"));

/** A command that passes or fails as a whole. */
const check = (name: string, ...argv: string[]): Suite => ({
    name,
    run: async () =>
        (await execute(argv)) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 },
});

/** `reporter`: a line a file, or a line a test where tests take minutes. */
const vitest = (name: string, reporter: "default" | "verbose", ...argv: string[]): Suite => ({
    name,
    async run() {
        const report = path.join(scratch, `${name.replace(/\W/g, "-")}.json`);
        const code = await execute([
            "vitest",
            "run",
            ...argv,
            `--reporter=${reporter}`,
            "--reporter=json",
            `--outputFile.json=${report}`,
        ]);
        return countVitest(report, code);
    },
});

// A run that ended before it could report (a suite that does not load) has failed, whatever it counted.
function countVitest(report: string, code: number): Count {
    try {
        const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
        const unreported = code !== 0 && numFailedTests === 0 ? 1 : 0;
        return { passed: numPassedTests, failed: numFailedTests + unreported, skipped: numPendingTests };
    } catch {
        return { passed: 0, failed: 1, skipped: 0 };
    }
}

const goTest = (name: string, folder: string): Suite => ({
    name,
    async run() {
        const count: Count = { passed: 0, failed: 0, skipped: 0 };
        const outcomes: Record<string, keyof Count> = { pass: "passed", fail: "failed", skip: "skipped" };
        const report = (line: string): void => void process.stdout.write(`[tools] ${line}\n`);
        const go = await ensureGo(report);
        // The engine's tests run the pulumi that the lab runs.
        process.env.PATH = `${await operatorBin(report)}:${process.env.PATH}`;
        const code = await execute([go, "test", "-count=1", "-json", "./..."], folder, (line) => {
            const event = JSON.parse(line) as { Action: string; Test?: string; Output?: string };
            if (event.Test && event.Action in outcomes) count[outcomes[event.Action]]++;
            if (/--- (FAIL|SKIP)|^\s+\w+_test\.go:/.test(event.Output ?? "")) process.stdout.write(event.Output!);
        });
        return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
    },
});

/** Runs a command on our own output, or line by line into `onLine`. */
function execute(argv: string[], cwd = ".", onLine?: (line: string) => void): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(argv[0], argv.slice(1), { cwd, stdio: ["ignore", onLine ? "pipe" : "inherit", "inherit"] });
        let rest = "";
        child.stdout?.on("data", (chunk: Buffer) => {
            const lines = (rest + chunk.toString()).split("\n");
            rest = lines.pop()!;
            lines.filter((line) => line.startsWith("{")).forEach((line) => onLine!(line));
        });
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? 1));
    });
}

/** What `npm test` runs on real hosts; the other topologies are left to `npm run test:all`. */
const EVERY_TIME = ["cluster", "etcd", "package", "renewal", "topologies/external-etcd-colocated"].map(
    (name) => `tests/e2e/${name}.test.ts`,
);

const endToEnd = (name: string, ...files: string[]): Suite =>
    vitest(name, "verbose", "--config", "vitest.e2e.config.mts", ...files);

const SUITES: Suite[] = [
    check("types", "tsc", "-p", "tsconfig.check.json"),
    check("lint", "bash", "tests/lint.sh"),
    vitest("unit, components, scripts", "default"),
    goTest("command plugin", "tools/command"),
    endToEnd("end to end", ...EVERY_TIME),
    { ...endToEnd("topologies", "tests/e2e/topologies/"), onRequest: true },
];

/** Runs the suites whose names contain one of the words given, or `all`; without a word, those that are not on request. */
async function main(): Promise<void> {
    const words = process.argv.slice(2);
    const chosen = SUITES.filter(({ name, onRequest = false }) =>
        words.length === 0 ? !onRequest : words.some((word) => word === "all" || name.includes(word)),
    );
    if (chosen.length === 0)
        throw new Error(
            `no suite is called '${words.join(" ")}', expected one of: ${SUITES.map((s) => s.name).join("; ")}`,
        );
    const total: Count = { passed: 0, failed: 0, skipped: 0 };
    for (const { name, run } of chosen) {
        const started = Date.now();
        process.stdout.write(`\n=== ${name}\n`);
        const count = await run();
        for (const key of ["passed", "failed", "skipped"] as const) total[key] += count[key];
        process.stdout.write(
            `=== ${name}: ${count.passed} passed, ${count.failed} failed, ${Math.round((Date.now() - started) / 1000)} s\n`,
        );
    }
    const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
    process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
    process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

main()
    .catch((error: Error) => {
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
    })
    .finally(() => rmSync(scratch, { recursive: true, force: true }));
