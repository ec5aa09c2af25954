import { writeFileSync } from "fs";
import * as path from "path";
import { expect } from "vitest";
import { Outcome, capture } from "../../tools/process";
import { testFolder } from "../unit/keyPair";
import { prepareWithPlugins } from "./environment";

const ROOT = path.resolve(__dirname, "../..");

/** A new stack with the real providers: `pulumi` there, with further variables, and its program. */
export async function pluginStack() {
    const folder = testFolder();
    const env = await prepareWithPlugins(folder);
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ extends: `${ROOT}/tsconfig.json` }));
    const pulumi = (words: string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
        capture(["pulumi", ...words, "--stack", "dev", "--non-interactive", "--color", "never"], {
            cwd: folder,
            env: { ...env, ...more },
        });
    succeeded(await pulumi(["stack", "init"]));
    return { pulumi, write: (program: string) => writeFileSync(path.join(folder, "index.js"), program) };
}

/** What it printed. */
export function succeeded({ code, stdout, stderr }: Outcome): string {
    expect(code, stdout + stderr).toBe(0);
    return stdout;
}
