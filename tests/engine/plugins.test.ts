import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect, it, onTestFinished } from "vitest";
import { capture } from "../../tools/process";
import { prepareWithPlugins } from "./environment";

/** A resource of each plugin, and no host or cluster. */
const PROGRAM = `
const { local } = require("@pulumi/command");
const kubernetes = require("@pulumi/kubernetes");
const tls = require("@pulumi/tls");
const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
new local.Command("command", { create: "true" });
const provider = new kubernetes.Provider("kubernetes", { renderYamlToDirectory: "documents" });
const data = { key: key.publicKeyOpenssh };
new kubernetes.core.v1.ConfigMap("config", { metadata: { name: "config" }, data }, { provider });
`;

it("a run with each plugin prints no warning", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, "index.js"), PROGRAM);
    const env = await prepareWithPlugins(folder);
    const pulumi = async (...words: string[]): Promise<string> => {
        const { code, stdout, stderr } = await capture(
            ["pulumi", ...words, "--stack", "dev", "--non-interactive", "--color", "never"],
            { cwd: folder, env },
        );
        expect(code, stdout + stderr).toBe(0);
        return stdout + stderr;
    };
    await pulumi("stack", "init");
    expect(await pulumi("up", "--yes")).not.toMatch(/warn/i);
    expect(await pulumi("destroy", "--yes")).not.toMatch(/warn/i);
});
