import { ChildProcess, spawn } from "child_process";
import { createSocket } from "dgram";
import { promises as dns } from "dns";
import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { freePorts } from "./apiServer";

/** A program that can be stopped, at a port of loopback. */
export interface NameServer {
    port: number;
    stop(): Promise<void>;
}

const TYPE_A = 1;
const TYPE_PTR = 12;

/** A name server that answers every question: the one address for a name, the one name for an address. */
export function nameServer(address: string, name: string): Promise<NameServer> {
    const socket = createSocket("udp4");
    socket.on("message", (message, from) => socket.send(answer(message, address, name), from.port, from.address));
    return new Promise((resolve) =>
        socket.bind(0, "127.0.0.1", () =>
            resolve({
                port: socket.address().port,
                stop: () => new Promise((stopped) => socket.close(() => stopped())),
            }),
        ),
    );
}

// RFC 1035: the header, the question as it came, and one answer whose name points at the question's.
function answer(message: Buffer, address: string, name: string): Buffer {
    const end = message.indexOf(0, 12) + 5;
    const type = message.readUInt16BE(end - 4);
    const data = type === TYPE_A ? Buffer.from(address.split(".").map(Number)) : labels(name);
    const answers = type === TYPE_A || type === TYPE_PTR ? 1 : 0;
    const header = Buffer.from([message[0], message[1], 0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0]);
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
    return Buffer.concat([header, message.subarray(12, end), ...(answers === 1 ? [record, data] : [])]);
}

const labels = (name: string): Buffer =>
    Buffer.concat([
        ...name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
        Buffer.of(0),
    ]);

/** CoreDNS with a Corefile, at free ports of loopback; it reads the cluster by a kubeconfig. */
export class CoreDns {
    readonly resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
    private said = "";

    private constructor(
        private readonly child: ChildProcess,
        private readonly folder: string,
    ) {
        const listen = (chunk: Buffer): void => void (this.said += chunk.toString());
        child.stdout!.on("data", listen);
        child.stderr!.on("data", listen);
    }

    static async start(program: string, corefile: string, kubeconfig: string): Promise<CoreDns> {
        const [port, health, ready, metrics] = await freePorts(4);
        const folder = mkdtempSync(path.join(tmpdir(), "coredns-"));
        writeFileSync(path.join(folder, "kubeconfig"), kubeconfig, { mode: 0o600 });
        const text = corefile
            .replace(/:53 {/g, `:${port} {\n    bind 127.0.0.1`)
            .replace("health {", `health 127.0.0.1:${health} {`)
            .replace(/^ {4}ready$/m, `    ready 127.0.0.1:${ready}`)
            .replace("pods insecure", `pods insecure\n       kubeconfig ${folder}/kubeconfig x`)
            .replace("prometheus :9153", `prometheus 127.0.0.1:${metrics}`);
        writeFileSync(path.join(folder, "Corefile"), text);
        const child = spawn(program, ["-conf", path.join(folder, "Corefile")], { stdio: ["ignore", "pipe", "pipe"] });
        const server = new CoreDns(child, folder);
        server.resolver.setServers([`127.0.0.1:${port}`]);
        try {
            await server.ready(`http://127.0.0.1:${ready}/ready`);
        } catch (error) {
            await server.stop();
            throw error;
        }
        return server;
    }

    /** CoreDNS says that its plugins are ready a moment before it listens for questions. */
    private async ready(url: string): Promise<void> {
        for (const until = Date.now() + 30_000; ;) {
            if ((await fetch(url).catch(() => undefined))?.ok && (await this.listens())) return;
            if (this.child.exitCode !== null || Date.now() > until) throw new Error(`CoreDNS: ${this.said}`);
            await new Promise((resolve) => setTimeout(resolve, 200));
        }
    }

    private listens(): Promise<boolean> {
        return this.resolver.resolve4("localhost").then(
            () => true,
            ({ code }) => code !== "ECONNREFUSED",
        );
    }

    async stop(): Promise<void> {
        const ended = new Promise((resolve) => this.child.on("close", resolve));
        if (this.child.exitCode === null && this.child.kill("SIGKILL")) await ended;
        rmSync(this.folder, { recursive: true, force: true });
    }
}
