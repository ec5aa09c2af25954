import { spawn } from "child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { parse } from "yaml";
import * as lab from "../../lab/api";
import { labFiles } from "../../lab/paths";
import { kubectl } from "./stack";

export interface Writes {
    /** How many were answered with 201. */
    acknowledged: number;
    /** Acknowledged, and not there afterwards. */
    lost: string[];
    /** The longest time between two acknowledged writes. */
    longestGapMs: number;
}

/** Writes through the endpoint while something happens, and looks afterwards whether all that was acknowledged is there. */
export async function writesDuring(happening: () => Promise<void>): Promise<Writes> {
    // As one request: kubectl would ask for each of them, and there may be a thousand.
    const all = "/api/v1/namespaces/default/configmaps?labelSelector=writes";
    await kubectl("delete", "--raw", all, "--request-timeout=120s");
    const folder = credentialsFolder();
    try {
        const lines = await loop(folder, happening);
        const written = lines.map((line) => line.split(" ")).filter(([, , code]) => code === "201");
        const kept = new Set((await kubectl("get", "configmaps", "-l", "writes", "-o", "name")).split("\n"));
        const times = written.map(([time]) => Number(time));
        return {
            acknowledged: written.length,
            lost: written.map(([, name]) => name).filter((name) => !kept.has(`configmap/${name}`)),
            longestGapMs: Math.max(...times.slice(1).map((time, i) => time - times[i])),
        };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

async function loop(folder: string, happening: () => Promise<void>): Promise<string[]> {
    const script = path.join(__dirname, "write-loop.sh");
    const [argv, { env }] = await lab.runSpawn(["bash", script, folder, admin().server]);
    const child = spawn(argv[0], argv.slice(1), { env, stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise((resolve) => child.on("close", resolve));
    try {
        await happening();
        await new Promise((resolve) => setTimeout(resolve, 2000));
    } finally {
        child.stdin.end();
        await ended;
    }
    return text.trim().split("\n");
}

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
    const { clusters, users } = parse(readFileSync(labFiles.kubeconfig, "utf8"));
    const { server, "certificate-authority-data": ca } = clusters[0].cluster;
    const { "client-certificate-data": certificate, "client-key-data": key } = users[0].user;
    return { server, ca, certificate, key };
}
