import { Count, summary } from "./count";
import { check, goTest, Suite, vitest } from "./suites";

/** What `npm test` runs on real hosts; the other topologies are left to `npm run test:all`. */
const EVERY_TIME = ["cluster", "etcd", "package", "renewal", "topologies/external-etcd-colocated"].map(
    (name) => `tests/e2e/${name}.test.ts`,
);

const withConfig = (name: string, config: string, ...files: string[]): Suite =>
    vitest(name, "verbose", "--config", config, ...files);

const endToEnd = (name: string, ...files: string[]): Suite => withConfig(name, "vitest.e2e.config.mts", ...files);

const SUITES: Suite[] = [
    check("types", "tsc", "-p", "tsconfig.check.json"),
    check("lint", "bash", "tests/lint.sh"),
    vitest("unit, components, scripts", "default"),
    withConfig("engine", "vitest.engine.config.mts"),
    withConfig("real apiserver", "vitest.apiserver.config.mts"),
    goTest("command plugin", "tools/fallback/command"),
    endToEnd("end to end", ...EVERY_TIME),
    { ...endToEnd("topologies", "tests/e2e/topologies/"), onRequest: true },
];

/** Runs the suites whose names contain one of the words given, or `all`; without a word, those that are not on request. */
async function main(words: string[]): Promise<void> {
    const chosen = SUITES.filter(({ name, onRequest = false }) =>
        words.length === 0 ? !onRequest : words.some((word) => word === "all" || name.includes(word)),
    );
    if (chosen.length === 0)
        throw new Error(
            `no suite is called '${words.join(" ")}', expected one of: ${SUITES.map((s) => s.name).join("; ")}`,
        );
    const counts: [string, Count][] = [];
    for (const { name, run } of chosen) {
        const started = Date.now();
        process.stdout.write(`\n=== ${name}\n`);
        const count = await run();
        counts.push([name, count]);
        const seconds = Math.round((Date.now() - started) / 1000);
        process.stdout.write(
            `=== ${name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped.length} skipped, ${seconds} s\n`,
        );
    }
    process.stdout.write(`\n${summary(counts)}`);
    const failed = counts.some(([, count]) => count.failed > 0);
    const ran = counts.some(([, count]) => count.passed > 0);
    process.exitCode = failed || !ran ? 1 : 0;
}

main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
