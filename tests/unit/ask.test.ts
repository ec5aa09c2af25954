import { spawnSync } from "child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ASK } from "../../components/host/ask";
import { preamble } from "../../components/host/contract";
import { accessParameters } from "../../components/host/dial";
import { OUTPUT_MARK } from "../../components/host/entry";

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "ask-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Asks two hosts within `limit` seconds, with an ssh that does what `script` says; it finds its standard input in $stdin and all its words in $*. */
function ask(script: string, limit = 20) {
    const host = (last: number) =>
        preamble({
            ...{
                NAME: `cp${last - 10}`,
                ADDRESS: `192.0.2.${last}`,
                PORT: 22,
                LOGIN: "ops",
                KNOWN_HOST: "",
                STRICT: "no",
            },
            ...{ CONNECT_TIMEOUT: 5, LIMIT: limit, RUN: "run.sh formation create", STDIN: `it's ${last}` },
        });
    writeFileSync(path.join(folder, "ssh"), `#!/bin/bash\nstdin=$(cat)\n${script}\n`);
    chmodSync(path.join(folder, "ssh"), 0o755);
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", 'eval "$(cat)"'], {
        input:
            preamble({
                ...accessParameters({ privateKey: "THE KEY" }),
                HOSTS: 2,
                HOST_1: host(11),
                HOST_2: host(12),
                MARK: OUTPUT_MARK,
                QUESTION: "whether etcd has run there",
            }) + ASK,
        env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder, PROGRAM: ASK },
        encoding: "utf8",
        timeout: 30_000,
    });
    expect(readdirSync(folder)).toEqual(["ssh"]);
    return { code: status, stdout, stderr };
}

/** What a login shell prints, and then the phase's own line. */
const TALK = `echo '{ welcome }'; echo '${OUTPUT_MARK}'; `;

describe("a question to several hosts", () => {
    it("has their answers in the order of the hosts, as one JSON list", () => {
        const { code, stdout } = ask(`[[ $stdin != *11 ]] || sleep 1; ${TALK}printf '{"said":"%s"}\\n' "$stdin"`);
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toEqual([{ said: "it's 11" }, { said: "it's 12" }]);
    });

    it("fails when one does not answer, and says what is unknown", () => {
        const silence = "echo 'ssh: connect to host 192.0.2.12 port 22: No route to host' >&2; exit 255";
        const { code, stdout, stderr } = ask(`[[ $* != *192.0.2.12* ]] || { ${silence}; }; echo '{}'`);
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toContain(
            "cp2 (192.0.2.12): error: the host does not answer, so it is unknown whether etcd has run there\n",
        );
    });

    it("fails when one refuses, with its own words", () => {
        const { code, stderr } = ask("echo 'Permission denied (publickey).' >&2; exit 255");
        expect(code).toBe(1);
        expect(stderr).toContain("cp1 (192.0.2.11): Permission denied");
        expect(stderr).toContain("cp2 (192.0.2.12): Permission denied");
        expect(stderr).not.toContain("does not answer");
    });

    it("fails when one hangs", () => {
        const { code, stderr } = ask("[[ $* != *192.0.2.11* ]] || exec sleep 60; echo '{}'", 2);
        expect(code).toBe(1);
        expect(stderr).toContain("cp1 (192.0.2.11): error: the command did not end within 2 s");
    });
});
