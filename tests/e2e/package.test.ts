import * as path from "path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { REPO_DIR } from "../../lab/paths";
import { capture } from "../../tools/process";
import { keyPair } from "../unit/keyPair";
import { OwnProgram } from "./ownProgram";
import { said } from "./stack";

/** The package as somebody else gets it: packed, installed into a program of its own, previewed. */
const program = new OwnProgram("own-program");
const { folder, pulumi } = program;

beforeAll(async () => {
    await lab.up();
    await program.install();
});
afterAll(program.remove);

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
        const { privateKey } = keyPair("-t", "ed25519", "-N", "");
        // Its first character would be that of an option.
        await pulumi("config", "set", "--secret", "privateKey", `\n${privateKey}`);
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
        expect(said(outcome)).not.toContain(privateKey.split("\n")[1]);
    });
});
