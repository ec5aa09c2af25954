import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { said } from "./stack";

/** What every renewal here rests on: the tls provider makes a certificate anew by a plain `up`, in time and not before. */
const state = mkdtempSync(path.join(tmpdir(), "renewal-"));
const pulumi = (...words: string[]) =>
    lab.run(["pulumi", ...words, "--non-interactive", "--color", "never"], {
        cwd: path.join(__dirname, "renewal"),
        env: { PULUMI_BACKEND_URL: `file://${state}` },
    });

async function up(): Promise<Record<string, string>> {
    const outcome = await pulumi("up", "--stack", "test", "--yes", "--skip-preview");
    expect(outcome.code, said(outcome)).toBe(0);
    return JSON.parse((await pulumi("stack", "output", "--stack", "test", "--json")).stdout);
}

beforeAll(async () => {
    await lab.up();
    await pulumi("stack", "init", "test");
});
afterAll(() => rmSync(state, { recursive: true, force: true }));

it("an up renews a certificate that is near its end, and no other", async () => {
    const before = await up();
    const after = await up();
    expect(after.young).toBe(before.young);
    expect(after.due).toContain("BEGIN CERTIFICATE");
    expect(after.due).not.toBe(before.due);
});
