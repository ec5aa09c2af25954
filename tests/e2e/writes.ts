import { spawn } from "child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect } from "vitest";
import { parse } from "yaml";
import * as lab from "../../lab/api";
import { LAB_FILES } from "../../lab/paths";
import { kubectl } from "./stack";
import { describeWrites, evaluateWrites, faultsOfWrites } from "./writeLog";

/**
 * Writes through the endpoint while something happens, and fails when an acknowledged write is lost, when none is acknowledged
 * for longer than `atMostSeconds`, or when too few are acknowledged in all. The loop goes on until writes are acknowledged
 * again, so that the last gap has an end, or is too long.
 */
export async function expectWritesDuring(atMostSeconds: number, happening: () => Promise<void>): Promise<void> {
    // As one request: kubectl would ask for each of them, and there may be a thousand.
    const all = "/api/v1/namespaces/default/configmaps?labelSelector=writes";
    await kubectl("delete", "--raw", all, "--request-timeout=120s");
    const folder = credentialsFolder();
    try {
        const log = await loop(folder, atMostSeconds, happening);
        const names = (await kubectl("get", "configmaps", "-l", "writes", "-o", "name")).split("\n");
        const writes = evaluateWrites(log, new Set(names.map((name) => name.replace("configmap/", ""))));
        process.stdout.write(`[writes] ${describeWrites(writes)}\n`);
        expect(faultsOfWrites(writes, atMostSeconds), describeWrites(writes)).toEqual([]);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

async function loop(folder: string, atMostSeconds: number, happening: () => Promise<void>): Promise<string> {
    const script = path.join(__dirname, "write-loop.sh");
    const [argv, { env }] = await lab.runSpawn(["bash", script, folder, admin().server]);
    const child = spawn(argv[0], argv.slice(1), { env, stdio: ["pipe", "pipe", "inherit"] });
    let log = "";
    child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)));
    const acknowledged = () => log.split(" 201\n").length - 1;
    const another = async (seconds: number): Promise<boolean> => {
        const before = acknowledged();
        const deadline = Date.now() + seconds * 1000;
        while (acknowledged() === before && Date.now() < deadline) await pause(100);
        return acknowledged() > before;
    };
    let code: number;
    try {
        if (!(await another(20))) throw new Error("no write was acknowledged within 20s, before anything happened");
        await happening();
        await pause(2000);
        await another(atMostSeconds);
    } finally {
        child.stdin.end();
        code = await ended;
    }
    if (code !== 0) throw new Error(`the loop of writes ended with status ${code}, expected 0 and at the test's word`);
    return log;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What kubectl uses, as files that curl can read. */
function credentialsFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), "writes-"));
    const { ca, certificate, key } = admin();
    const write = (name: string, base64: string) =>
        writeFileSync(path.join(folder, name), Buffer.from(base64, "base64"), { mode: 0o600 });
    write("ca.crt", ca);
    write("client.crt", certificate);
    write("client.key", key);
    return folder;
}

function admin() {
    const { clusters, users } = parse(readFileSync(LAB_FILES.kubeconfig, "utf8"));
    const { server, "certificate-authority-data": ca } = clusters[0].cluster;
    const { "client-certificate-data": certificate, "client-key-data": key } = users[0].user;
    return { server, ca, certificate, key };
}
