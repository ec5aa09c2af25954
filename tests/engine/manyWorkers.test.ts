import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect, it, onTestFinished } from "vitest";
import { capture } from "../../tools/process";
import { PRIVATE_KEY } from "../unit/fixtures";
import { prepareWithPlugins } from "./environment";

const REPO = path.resolve(__dirname, "../..");
const WORKERS = 300;
const SECONDS = 300;
const MEGABYTES = 2500;

const PROGRAM = `
    const { Cluster } = require("${REPO}/components/index.ts");
    const key = (n) => {
        const bytes = Buffer.alloc(32);
        bytes.writeUInt32BE(n);
        const blob = Buffer.concat([Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIA==", "base64"), bytes]);
        return "ssh-ed25519 " + blob.toString("base64");
    };
    const hosts = (name, count, network) =>
        Array.from({ length: count }, (_, i) => {
            const address = "10." + network + "." + Math.floor(i / 250) + "." + (1 + (i % 250));
            return { name: name + i, address, hostKey: key(1000 * network + i) };
        });
    new Cluster("c", {
        ssh: { user: "ops", privateKey: ${JSON.stringify(PRIVATE_KEY)} },
        loadBalancer: { virtualAddress: "10.1.9.9" },
        network: { podSubnet: "10.244.0.0/14" },
        controlPlaneNodes: hosts("cp", 3, 1),
        workerNodes: hosts("w", ${WORKERS}, 2),
    });
`;

/** The memory in use of every process that was started for this folder's stack: the engine, the program and the plugins. */
function megabytesOf(folder: string): number {
    const ours = readdirSync("/proc").filter((id) => /^\d+$/.test(id) && read(`/proc/${id}/environ`).includes(folder));
    const kilobytes = ours.map((id) => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${id}/status`))?.[1] ?? 0));
    return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** A process may end meanwhile. */
function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

it(`a preview of ${WORKERS} workers, as docs/benchmarks.md advises it, stays within ${SECONDS} s and ${MEGABYTES} MB`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, "index.js"), PROGRAM);
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ extends: path.join(REPO, "tsconfig.json") }));
    const env = {
        ...(await prepareWithPlugins(folder)),
        ...{ PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
    };
    const pulumi = (...words: string[]) =>
        capture(["pulumi", ...words, "--stack", "dev", "--non-interactive", "--color", "never"], { cwd: folder, env });
    await pulumi("stack", "init");
    let most = 0;
    const looking = setInterval(() => (most = Math.max(most, megabytesOf(folder))), 250);
    const started = Date.now();
    const { code, stdout, stderr } = await pulumi("preview");
    clearInterval(looking);
    expect(code, stdout + stderr).toBe(0);
    const seconds = (Date.now() - started) / 1000;
    const resources = Number(/\+ (\d+) to create/.exec(stdout)?.[1]);
    process.stdout.write(`[preview] ${resources} resources, ${seconds.toFixed(0)} s, ${most.toFixed(0)} MB\n`);
    expect(resources).toBeLessThanOrEqual(6 * WORKERS + 60);
    expect(resources).toBeGreaterThan(5 * WORKERS);
    expect(seconds).toBeLessThan(SECONDS);
    expect(most).toBeLessThan(MEGABYTES);
    expect(most).toBeGreaterThan(100);
}, 400_000);
