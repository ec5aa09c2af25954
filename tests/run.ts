import { parseWords, runMain } from "../tools/commandLine";
import { reporter, stopwatch } from "../tools/progress";
import { UserError } from "../tools/userError";
import { Count, summary } from "./count";
import { check, goTest, Suite, vitest } from "./suites";

/** The end-to-end tests of `npm test`. `npm run test:all` adds the other topologies. */
const EVERY_TIME = [
    ...["cluster", "etcd", "package", "renewal"],
    ...["topologies/external-etcd-colocated", "topologies/cookeem-ha", "topologies/reports-preflight"],
].map((name) => `tests/e2e/${name}.test.ts`);

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

const NAMES = SUITES.map(({ name }) => name).join("; ");

/** Runs the suites whose names contain one of the words, or every suite for `all`. Without a word, runs those that are not `onRequest`. */
async function main(argv: string[]): Promise<void> {
    const { positionals: words } = parseWords("npm test", `expected names of suites: ${NAMES}`, argv, {});
    const chosen = SUITES.filter(({ name, onRequest = false }) =>
        words.length === 0 ? !onRequest : words.some((word) => word === "all" || name.includes(word)),
    );
    if (chosen.length === 0) throw new UserError(`no suite is called '${words.join(" ")}', expected one of: ${NAMES}`);
    const counts: [string, Count][] = [];
    for (const { name, run } of chosen) {
        const elapsed = stopwatch();
        process.stdout.write(`\n=== ${name}\n`);
        const count = await run();
        counts.push([name, count]);
        process.stdout.write(
            `=== ${name}: ${count.passed} passed, ${count.failed.length} failed, ${count.skipped.length} skipped, ${elapsed()}\n`,
        );
    }
    process.stdout.write(`\n${summary(counts)}`);
    const failed = counts.some(([, count]) => count.failed.length > 0);
    const ran = counts.some(([, count]) => count.passed > 0);
    process.exitCode = failed || !ran ? 1 : 0;
}

runMain(reporter("test"), main);
