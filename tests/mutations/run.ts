import { execFileSync, spawnSync } from "child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { parseWords } from "../../tools/commandLine";
import { stopwatch } from "../../tools/progress";
import type { Mutation } from "./mutation";
import { MUTATIONS } from "./mutations";

const root = path.resolve(__dirname, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "mutations-"));
const copy = path.join(folder, "copy");
const report = path.join(folder, "report.json");

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What git has and what it would take in, as it is in the working tree. */
function copyTree(): void {
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
        cwd: root,
        encoding: "utf8",
    });
    const files = listed
        .split("\0")
        .filter((name) => name && lstatSync(path.join(root, name), { throwIfNoEntry: false }));
    const archive = path.join(folder, "tree.tar");
    execFileSync("tar", ["--create", "--file", archive, "--null", "--files-from=-"], {
        cwd: root,
        input: files.join("\0"),
    });
    mkdirSync(copy);
    execFileSync("tar", ["--extract", "--file", archive, "--directory", copy]);
    symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
}

interface Outcome {
    passed: boolean;
    /** The titles of the tests that failed; none where a file did not load. */
    failed: string[];
    output: string;
}

interface Report {
    testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

/** Runs test files in the copy; with `bail`, until the first failure. */
function runTests(tests: string[], ...options: string[]): Outcome {
    rmSync(report, { force: true });
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const files = tests.map((name) => `tests/${name}.test.ts`);
    const { status, stdout, stderr } = spawnSync("vitest", ["run", ...files, ...reporters, ...options], {
        cwd: copy,
        encoding: "utf8",
        maxBuffer: 1 << 28,
    });
    return { passed: status === 0, failed: failedTests(), output: stdout + stderr };
}

function failedTests(): string[] {
    if (!existsSync(report)) return [];
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    return testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === "failed")
        .map(({ fullName }) => fullName);
}

/** Makes one mutation, runs its tests, and takes it back. Returns the test that failed; throws when none did. */
function attempt({ file, search, replace, tests, title }: Mutation): string {
    const target = path.join(copy, file);
    const text = readFileSync(target, "utf8");
    const found = text.split(search).length - 1;
    if (found !== 1) throw new Error(`${file}: got the search text ${found} times, expected it once; mend the table`);
    try {
        writeFileSync(
            target,
            text.replace(search, () => replace),
        );
        // A script that cannot be read fails every test and proves nothing.
        if (file.endsWith(".sh")) execFileSync("bash", ["-n", target], { stdio: "pipe" });
        const { passed, failed, output } = runTests(tests, "--bail=1", ...(title ? ["--testNamePattern", title] : []));
        if (passed) throw new Error(`no test of ${tests.join(", ")}${title ? ` called '${title}'` : ""} failed`);
        if (failed.length === 0) throw new Error(`the tests did not run:\n${output.slice(-2000)}`);
        return failed[0];
    } finally {
        writeFileSync(target, text);
    }
}

/** Runs the mutations whose names contain one of the words given; without a word, all. */
function main(): void {
    const hint = "expected parts of the names of mutations";
    const { positionals: words } = parseWords("npm run test:mutations", hint, process.argv.slice(2), {});
    const chosen = MUTATIONS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
    if (chosen.length === 0) {
        throw new Error(
            `no mutation is called '${words.join(" ")}', expected part of: ${MUTATIONS.map((m) => m.name).join("; ")}`,
        );
    }
    copyTree();
    const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
    say(`running ${tests.length} test files on code without a mutation`);
    const { passed, output } = runTests(tests);
    if (!passed) throw new Error(`a test fails without a mutation, so none can be judged:\n${output.slice(-8000)}`);
    let failures = 0;
    for (const mutation of chosen) {
        const elapsed = stopwatch();
        try {
            const test = attempt(mutation);
            say(`caught   ${mutation.name}: ${test} (${elapsed()})`);
        } catch (error) {
            failures++;
            say(`SURVIVED ${mutation.name}: ${(error as Error).message} (${elapsed()})`);
        }
    }
    say(`\n${chosen.length - failures} passed, ${failures} failed`);
    process.exitCode = failures > 0 ? 1 : 0;
}

try {
    main();
} catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
} finally {
    rmSync(folder, { recursive: true, force: true });
}
