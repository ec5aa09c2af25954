import { spawn } from "child_process";
import * as path from "path";
import { parseWords } from "../../tools/commandLine";
import { reporter } from "../../tools/progress";
import * as lab from "../../lab/api";
import { exampleConfig } from "../e2e/example";
import { Config, eventually, onHost, said, Stack } from "../e2e/stack";
import { median } from "./clock";

const HELP = `Measures how long the API is away from clients when what leads to it fails, on the lab.

Usage: npm run bench:failover -- SHAPE KIND [--times N] [--advert SECONDS]

  SHAPE   one of examples/: ${["haproxy-keepalived", "nginx-keepalived", "keepalived-only", "kube-vip", "stacked", "node-local"].join(", ")}
  KIND    holder (the host with the virtual address loses its power) or apiserver (one dies alone and stays away)
  --times N           how often (20)
  --advert SECONDS    keepalived's advertInterval (1)

The bound is on the median of the holder's losses, and on the longest absence when an apiserver dies.
`;

const HOSTS_FILE = path.join(__dirname, "../e2e/topologies/hosts.yaml");
const VIRTUAL = "10.88.0.100";
const say = reporter("bench");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// A new connection every 50 ms, each given half a second: what a client sees that dials anew. It says when one was answered.
const CLIENT = `
const https = require("https");
setInterval(() => {
    const request = https.get({ host: process.argv[1], port: process.argv[2], path: "/readyz", rejectUnauthorized: false, agent: false, timeout: 500 }, (response) => {
        response.resume();
        if (response.statusCode === 200) console.log(Date.now());
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => undefined);
}, 50);
process.stdin.on("end", () => process.exit()).resume();`;

/** The longest time without an answer, in seconds, from just before `fail` until a while after it. */
async function absence(endpoint: URL, fail: () => Promise<void>, seconds: number): Promise<number> {
    const [argv, { env }] = await lab.runSpawn(["node", "-e", CLIENT, endpoint.hostname, endpoint.port]);
    const client = spawn(argv[0], argv.slice(1), { env, stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    client.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise((resolve) => client.on("close", resolve));
    await pause(1500);
    await fail();
    await pause(seconds * 1000);
    client.stdin.end();
    await ended;
    const answered = text.trim().split("\n").map(Number);
    if (Date.now() - answered[answered.length - 1] > 2000) throw new Error(`no answer again within ${seconds}s`);
    return Math.max(...answered.slice(1).map((time, i) => time - answered[i])) / 1000;
}

interface Lab {
    endpoint: URL;
    leaders: string[];
    /** Who may hold the virtual address. */
    candidates: string[];
}

async function bringUp(shape: string, kind: string, advertInterval: number): Promise<Lab> {
    const config: Config = exampleConfig(shape);
    if (advertInterval !== 1) config.loadBalancer = { ...config.loadBalancer, vrrp: { advertInterval } };
    const balancers = (config.loadBalancer.hosts ?? []).map(({ name }: { name: string }) => name);
    // A balancer's own loss needs no more than one apiserver behind it; nobody here needs a worker.
    const few = kind === "holder" && balancers.length > 0;
    config.controlPlaneNodes = few ? config.controlPlaneNodes.slice(0, 1) : config.controlPlaneNodes;
    config.workerNodes = [];
    const leaders = config.controlPlaneNodes.map(({ name }: { name: string }) => name);
    await lab.down(() => undefined);
    await lab.up({ hosts: [...balancers, ...leaders], hostsFile: HOSTS_FILE, images: "all", report: () => undefined });
    const stack = new Stack(config);
    const outcome = await stack.up();
    if (outcome.code !== 0) throw new Error(said(outcome));
    const endpoint = new URL(await stack.output("endpoint"));
    return { endpoint, leaders, candidates: balancers.length > 0 ? balancers : leaders };
}

async function holder(candidates: string[]): Promise<string> {
    for (const host of candidates) {
        const { stdout } = await lab.exec(host, "ip -o address show");
        if (stdout.includes(` ${VIRTUAL}/`)) return host;
    }
    throw new Error(`nobody of ${candidates.join(", ")} holds ${VIRTUAL}`);
}

const answers = (host: string, port: string) =>
    eventually(120, `${host} answers`, () =>
        onHost(host, `curl --silent --fail --insecure --max-time 2 https://127.0.0.1:${port}/readyz`),
    );

async function loseHolder({ endpoint, candidates }: Lab): Promise<number> {
    const lost = await holder(candidates);
    const gap = await absence(endpoint, () => lab.kill(lost), 8);
    await lab.startHost(lost);
    await answers(lost, endpoint.port);
    // keepalived, or kube-vip, is there again too.
    await pause(4000);
    return gap;
}

const MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/** The one on the holder's host where there is one, else on one after the other. */
async function loseApiserver({ endpoint, leaders }: Lab, time: number): Promise<number> {
    const lost = await holder(leaders).catch(() => leaders[1 + (time % (leaders.length - 1))]);
    const die = async () => void (await onHost(lost, `mv ${MANIFEST} /root/ && pkill -KILL -x kube-apiserver`));
    const gap = await absence(endpoint, die, 8);
    await onHost(lost, `mv /root/kube-apiserver.yaml ${MANIFEST}`);
    await answers(lost, "6443");
    await pause(2000);
    return gap;
}

async function main(args: string[]): Promise<void> {
    const options = {
        times: { type: "string", default: "20" },
        advert: { type: "string", default: "1" },
        help: { type: "boolean" },
    } as const;
    const { values, positionals } = parseWords("npm run bench:failover", "see its `--help`", args, options);
    const [shape, kind] = positionals;
    if (values.help || !["holder", "apiserver"].includes(kind)) return console.log(HELP);
    const advert = Number(values.advert);
    const running = await bringUp(shape, kind, advert);
    const gaps: number[] = [];
    for (let i = 0; i < Number(values.times); i++) {
        gaps.push(kind === "holder" ? await loseHolder(running) : await loseApiserver(running, i));
        say(`${shape}, ${kind} ${i + 1}: ${gaps[i].toFixed(2)} s`);
    }
    const [value, limit] = kind === "holder" ? [median(gaps), 3 * advert + 1] : [Math.max(...gaps), 3];
    const spread = `${Math.min(...gaps).toFixed(2)} to ${Math.max(...gaps).toFixed(2)}`;
    const verdict = value <= limit ? "ok" : "MISSED";
    const what = kind === "holder" ? "median" : "longest";
    console.log(
        `${shape}, ${kind}, ${gaps.length} times: ${what} ${value.toFixed(2)} s (${spread}), at most ${limit}: ${verdict}`,
    );
    process.exitCode = value <= limit ? 0 : 1;
}

main(process.argv.slice(2)).catch((error: Error) => {
    say(error.message);
    process.exitCode = 1;
});
