import { cpSync, mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { REPO_DIR } from "../../lab/paths";
import { capture, must } from "../../tools/process";
import { said } from "./stack";

/** The package as somebody else gets it: packed, installed into a program of its own, previewed. */
const folder = mkdtempSync(path.join(tmpdir(), "own-program-"));
const env = { PULUMI_BACKEND_URL: `file://${folder}` };
const pulumi = (...words: string[]) =>
    lab.run(["pulumi", ...words, "--non-interactive", "--color", "never"], { cwd: folder, env });

beforeAll(async () => {
    await lab.up();
    cpSync(path.join(REPO_DIR, "examples/own-program"), folder, { recursive: true });
    const packed = await must("npm pack", ["npm", "pack", "--pack-destination", folder, "--json"], { cwd: REPO_DIR });
    const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("[")));
    await must("npm install", ["npm", "install", "--prefer-offline", `./${filename}`, "tsx"], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a program that imports the package", () => {
    it("has the types of every component", async () => {
        const tsc = path.join(REPO_DIR, "node_modules/.bin/tsc");
        const outcome = await capture(
            [tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "index.ts"],
            { cwd: folder },
        );
        expect(outcome.code, said(outcome)).toBe(0);
    });

    it("previews two clusters of different shape and an etcd cluster", async () => {
        expect(said(await pulumi("stack", "init", "test"))).toContain("Created stack 'test'");
        await pulumi("config", "set", "--secret", "privateKey", "TEST KEY");
        const outcome = await pulumi("preview");
        expect(outcome.code, said(outcome)).toBe(0);
        for (const name of [
            "production-w2-node",
            "staging-lb-lb1-prepare",
            "staging-staging1-node",
            "registry-etcd2-node",
        ]) {
            expect(outcome.stdout).toContain(name);
        }
        expect(outcome.stdout).not.toContain("staging-flannel");
        expect(said(outcome)).not.toContain("TEST KEY");
    });
});
