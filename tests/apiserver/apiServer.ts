import { ChildProcess, spawn } from "child_process";
import { generateKeyPairSync } from "crypto";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "fs";
import { Agent, request } from "https";
import { createServer } from "net";
import { tmpdir } from "os";
import * as path from "path";
import { toYaml } from "../../components/cluster/kubeadm";
import { ensureTools } from "../../tools/toolchain";

const TOKEN = "administrator";
const STARTS_WITHIN = 90_000;

export interface Answer {
    status: number;
    body: string;
}

/** A kube-apiserver with an etcd of its own, both on loopback alone. */
export class ApiServer {
    private readonly processes: ChildProcess[] = [];
    private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

    private constructor(
        private readonly folder: string,
        private readonly port: number,
        /** The port at which etcd answers its clients, without TLS. */
        public readonly etcdPort: number,
        /** kubectl, kubeadm: where they are. */
        public readonly tools: Record<string, string>,
    ) {}

    static async start(): Promise<ApiServer> {
        const report = (line: string): void => void process.stdout.write(`[tools] ${line}\n`);
        const tools = await ensureTools(["etcd", "kube-apiserver", "kubectl", "kubeadm"], report);
        const [port, client, peer] = await freePorts(3);
        const server = new ApiServer(mkdtempSync(path.join(tmpdir(), "apiserver-")), port, client, tools);
        try {
            server.startEtcd(client, peer);
            server.startApiServer(client);
            await server.ready();
        } catch (error) {
            await server.stop();
            throw error;
        }
        return server;
    }

    private startEtcd(client: number, peer: number): void {
        const urls = { client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` };
        this.run("etcd", [
            `--data-dir=${this.folder}/etcd`,
            `--listen-client-urls=${urls.client}`,
            `--advertise-client-urls=${urls.client}`,
            `--listen-peer-urls=${urls.peer}`,
            `--initial-advertise-peer-urls=${urls.peer}`,
            `--initial-cluster=default=${urls.peer}`,
            "--unsafe-no-fsync",
        ]);
    }

    private startApiServer(etcd: number): void {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", {
            modulusLength: 2048,
            publicKeyEncoding: { type: "spki", format: "pem" },
            privateKeyEncoding: { type: "pkcs8", format: "pem" },
        });
        this.run("kube-apiserver", [
            `--etcd-servers=http://127.0.0.1:${etcd}`,
            "--bind-address=127.0.0.1",
            `--secure-port=${this.port}`,
            `--cert-dir=${this.folder}`,
            `--service-account-key-file=${this.file("sa.pub", publicKey)}`,
            `--service-account-signing-key-file=${this.file("sa.key", privateKey)}`,
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--endpoint-reconciler-type=none",
            "--authorization-mode=RBAC",
            "--enable-bootstrap-token-auth",
            `--token-auth-file=${this.file("tokens.csv", `${TOKEN},admin,admin,system:masters\n`)}`,
        ]);
    }

    private run(name: string, options: string[]): void {
        const log = openSync(path.join(this.folder, `${name}.log`), "w");
        this.processes.push(spawn(this.tools[name], options, { stdio: ["ignore", log, log] }));
    }

    private file(name: string, text: string): string {
        const file = path.join(this.folder, name);
        writeFileSync(file, text, { mode: 0o600 });
        return file;
    }

    private async ready(): Promise<void> {
        const until = Date.now() + STARTS_WITHIN;
        const answers = async (url: string) => (await this.ask("GET", url).catch(() => undefined))?.status === 200;
        while (!((await answers("/readyz")) && (await answers("/api/v1/namespaces/kube-system")))) {
            if (Date.now() > until || this.processes.some(({ exitCode }) => exitCode !== null)) {
                const log = readFileSync(path.join(this.folder, "kube-apiserver.log"), "utf8");
                throw new Error(`kube-apiserver is not ready: ${log.slice(-2000)}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 200));
        }
    }

    /** An administrator's kubeconfig. */
    kubeconfig(): string {
        const ca = readFileSync(path.join(this.folder, "apiserver.crt")).toString("base64");
        return toYaml({
            apiVersion: "v1",
            kind: "Config",
            clusters: [
                {
                    name: "c",
                    cluster: { server: `https://127.0.0.1:${this.port}`, "certificate-authority-data": ca },
                },
            ],
            users: [{ name: "u", user: { token: TOKEN } }],
            contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
            "current-context": "x",
        });
    }

    ask(method: string, url: string, body?: object, token = TOKEN): Promise<Answer> {
        const options = {
            agent: this.agent,
            method,
            host: "127.0.0.1",
            port: this.port,
            path: url,
            // Our own child's certificate, made a moment ago, on loopback.
            rejectUnauthorized: false,
            headers: { authorization: `Bearer ${token}`, "content-type": contentType(method) },
        };
        return new Promise((resolve, reject) => {
            const call = request(options, (response) => {
                let text = "";
                response.on("data", (chunk: Buffer) => (text += chunk.toString()));
                response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
            });
            call.on("error", reject);
            call.end(body === undefined ? undefined : JSON.stringify(body));
        });
    }

    /** The same, with an answer that must be good. */
    async must(method: string, url: string, body?: object): Promise<string> {
        const answer = await this.ask(method, url, body);
        if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${answer.body}`);
        return answer.body;
    }

    async stop(): Promise<void> {
        this.agent.destroy();
        // Those that call etcd end before it does.
        for (const child of this.processes.reverse()) {
            const ended = new Promise((resolve) => child.on("close", resolve));
            if (child.exitCode === null && child.kill("SIGKILL")) await ended;
        }
        rmSync(this.folder, { recursive: true, force: true });
    }
}

const contentType = (method: string): string =>
    method === "PATCH" ? "application/strategic-merge-patch+json" : "application/json";

export async function freePorts(count: number): Promise<number[]> {
    const servers = await Promise.all(
        Array.from({ length: count }, async () => {
            const server = createServer();
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
            return server;
        }),
    );
    const ports = servers.map((server) => (server.address() as { port: number }).port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
}
