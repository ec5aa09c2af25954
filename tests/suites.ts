import { existsSync, mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { ensureGo } from "../tools/go";
import { passThrough } from "../tools/process";
import { reporter } from "../tools/progress";
import { operatorBin } from "../tools/toolchain";
import { Count, countCommand, countGo, countVitest, GoEvent } from "./count";
import { ensureSshd } from "./sshd";

/** One part of the test run. */
export interface Suite {
    name: string;
    /** Runs the suite and counts its tests. */
    run: () => Promise<Count>;
    /** Whether it runs only when it is named, or with `all`, because it takes long. */
    onRequest?: boolean;
}

/** Counts a command as one test, which its exit code decides. */
export const check = (name: string, ...argv: string[]): Suite => ({
    name,
    run: async () => countCommand(await passThrough(argv, { interactive: false })),
});

/** Runs vitest. The `default` reporter prints a line for each file, `verbose` one for each test. */
export const vitest = (name: string, reporter: "default" | "verbose", ...argv: string[]): Suite => ({
    name,
    async run() {
        const folder = mkdtempSync(path.join(tmpdir(), "npm-test-"));
        try {
            const report = path.join(folder, "report.json");
            const reporters = [`--reporter=${reporter}`, "--reporter=json", `--outputFile.json=${report}`];
            const code = await passThrough(["vitest", "run", ...argv, ...reporters], { interactive: false });
            return countVitest(existsSync(report) ? readFileSync(report, "utf8") : "", code, process.cwd());
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    },
});

/** Runs the tests of a Go module. `mayBeSkipped` names the tests that may be skipped, each with its reason. */
export const goTest = (name: string, folder: string, mayBeSkipped: Record<string, string> = {}): Suite => ({
    name,
    async run() {
        const report = reporter("tools");
        const go = await ensureGo(report);
        await ensureSshd(report);
        // Tests of the plugin in Pulumi's engine use the same `pulumi` as the lab.
        process.env.PATH = `${await operatorBin(report)}:${process.env.PATH}`;
        const events: GoEvent[] = [];
        const onLine = (line: string): void => {
            // A build that fails prints plain text as well.
            if (!line.startsWith("{")) return;
            const event = JSON.parse(line) as GoEvent;
            events.push(event);
            if (/--- (FAIL|SKIP)|^\s+\w+_test\.go:/.test(event.Output ?? "")) process.stdout.write(event.Output!);
        };
        const argv = [go, "test", "-count=1", "-json", "./..."];
        const code = await passThrough(argv, { cwd: folder, interactive: false, onLine });
        return countGo(events, code, mayBeSkipped);
    },
});
