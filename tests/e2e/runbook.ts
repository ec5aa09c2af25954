import { readFileSync } from "fs";
import * as path from "path";
import { REPO_DIR } from "../../lab/paths";
import { onHost } from "./stack";

/** The blocks of commands in a section of docs/runbooks.md: what runs them tests the document's own words. */
export function commandsOf(section: string): string[] {
    const runbooks = readFileSync(path.join(REPO_DIR, "docs/runbooks.md"), "utf8");
    const text = runbooks.split(`\n## ${section}\n`)[1].split("\n## ")[0];
    return [...text.matchAll(/^ *```sh\n([^]*?)^ *```/gm)].map(([, commands]) => commands);
}

/** Runs a block of commands as root on a host, until the first one that fails. */
export const runOn = (host: string, commands: string): Promise<string> =>
    onHost(host, `timeout 180 bash -e <<'RUNBOOK'\n${commands.trimEnd()}\nRUNBOOK`);
