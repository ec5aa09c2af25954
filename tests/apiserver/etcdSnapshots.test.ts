import { ChildProcess, spawn } from "child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { etcdFlags } from "../../components/etcd/config";
import { resolveEtcdOptions } from "../../components/model/etcdOptions";
import { ensureTools } from "../../tools/toolchain";
import { freePorts } from "./apiServer";

interface ListedMember {
    ID: string;
    name?: string;
}

/** Members of one etcd cluster on loopback, with the options that this project gives them. */
class EtcdCluster {
    private readonly folder = mkdtempSync(path.join(tmpdir(), "etcd-"));
    private readonly running = new Map<string, ChildProcess>();

    private constructor(
        private readonly program: string,
        private readonly ports: number[],
    ) {}

    static async create(): Promise<EtcdCluster> {
        const { etcd } = await ensureTools(["etcd"], () => undefined);
        return new EtcdCluster(etcd, await freePorts(6));
    }

    private client = (member: number): string => `http://127.0.0.1:${this.ports[member]}`;
    peer = (member: number): string => `http://127.0.0.1:${this.ports[member + 3]}`;

    start(member: number, state: "new" | "existing", data = `e${member}`): void {
        const options = { ...resolveEtcdOptions({}), listenMetricsUrls: undefined };
        const flags = Object.entries(etcdFlags(options)).map(([name, value]) => `--${name}=${value}`);
        const log = openSync(this.log(member), "w");
        const words = [
            ...[`--name=e${member}`, `--data-dir=${this.folder}/${data}`, `--initial-cluster-state=${state}`],
            `--initial-cluster=${[0, 1, 2].map((other) => `e${other}=${this.peer(other)}`).join(",")}`,
            ...[`--listen-peer-urls=${this.peer(member)}`, `--initial-advertise-peer-urls=${this.peer(member)}`],
            ...[`--listen-client-urls=${this.client(member)}`, `--advertise-client-urls=${this.client(member)}`],
            ...["--unsafe-no-fsync", ...flags],
        ];
        this.running.set(`e${member}`, spawn(this.program, words, { stdio: ["ignore", log, log] }));
        closeSync(log);
    }

    async stop(member: number, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
        const etcd = this.running.get(`e${member}`)!;
        const ended = new Promise((resolve) => etcd.on("close", resolve));
        etcd.kill(signal);
        await ended;
        this.running.delete(`e${member}`);
    }

    private log = (member: number): string => path.join(this.folder, `e${member}.log`);
    said = (member: number): string => readFileSync(this.log(member), "utf8");

    async call<T>(member: number, name: string, body: object): Promise<T> {
        const request = { method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(10_000) };
        const answer = await fetch(`${this.client(member)}/v3/${name}`, request);
        if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
        return (await answer.json()) as T;
    }

    /** Repeats until it succeeds. */
    async eventually<T>(look: () => Promise<T>): Promise<T> {
        for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
            try {
                return await look();
            } catch (error) {
                if (Date.now() > until) throw error;
            }
        }
    }

    async members(asked: number): Promise<ListedMember[]> {
        const list = () => this.call<{ members: ListedMember[] }>(asked, "cluster/member/list", { linearizable: true });
        return (await this.eventually(list)).members;
    }

    async remove(): Promise<void> {
        await Promise.all([...this.running.keys()].map((name) => this.stop(Number(name.slice(1)), "SIGKILL")));
        rmSync(this.folder, { recursive: true });
    }
}

let etcd: EtcdCluster;
beforeEach(async () => {
    etcd = await EtcdCluster.create();
});
afterEach(() => etcd.remove());

/** A young cluster: its members did not start at the same moment, and it has more than a megabyte of transactions. */
async function formCluster(): Promise<void> {
    etcd.start(0, "new");
    etcd.start(1, "new");
    await etcd.members(0);
    await etcd.eventually(() =>
        Promise.resolve(expect(etcd.said(0) + etcd.said(1)).toContain('"cluster-version":"3.0"')),
    );
    etcd.start(2, "new");
    await etcd.eventually(() => Promise.resolve(expect(etcd.said(2)).toContain('"to":"3.6"')));
    const value = Buffer.alloc(3000, "x").toString("base64");
    for (let i = 0; i < 550; i++) await etcd.call(0, "kv/put", { key: btoa(`key${i % 50}`), value });
}

async function replaceMember(): Promise<void> {
    const id = async () => (await etcd.members(0)).find(({ name }) => name === "e2")?.ID;
    await etcd.stop(2, "SIGKILL");
    await etcd.call(0, "cluster/member/remove", { ID: await id() });
    await etcd.eventually(() => etcd.call(0, "cluster/member/add", { peerURLs: [etcd.peer(2)], isLearner: true }));
    etcd.start(2, "existing", "e2-again");
    await etcd.eventually(async () => etcd.call(0, "cluster/member/promote", { ID: await id() }));
}

it("a member of a young cluster knows the members of today after two restarts", async () => {
    await formCluster();
    await replaceMember();
    for (let restart = 0; restart < 2; restart++) {
        await etcd.stop(0);
        etcd.start(0, "new");
        await etcd.members(0);
    }
    expect(etcd.said(0)).not.toContain("Validation on configuration change failed");
    const voters = [...etcd.said(0).matchAll(/switched to configuration voters=\(([\d ]+)\)/g)].pop()![1].split(" ");
    expect(voters.sort()).toEqual((await etcd.members(1)).map(({ ID }) => ID).sort());
}, 120_000);
