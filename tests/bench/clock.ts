import { readFileSync } from "fs";
import * as lab from "../../lab/api";

/** Seconds that `step` takes. */
export async function timed(step: () => Promise<unknown>): Promise<number> {
    const started = Date.now();
    await step();
    return (Date.now() - started) / 1000;
}

/** Processor seconds that this whole machine has spent on work since it started (/proc/stat, 100 ticks a second). */
export function processorSeconds(): number {
    const [user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8")
        .split("\n")[0]
        .split(/\s+/)
        .slice(1)
        .map(Number);
    return (user + nice + system + irq + softirq) / 100;
}

export const median = (values: number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

const POLLER = `
const https = require("https");
const waiting = new Set(process.argv.slice(1));
const end = Date.now() + 300_000;
function look(address) {
    const request = https.get({ host: address, port: 6443, path: "/readyz", rejectUnauthorized: false, timeout: 1000 }, (response) => {
        response.resume();
        if (response.statusCode === 200) waiting.delete(address);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => undefined);
}
const timer = setInterval(() => {
    if (waiting.size === 0 || Date.now() > end) { clearInterval(timer); console.log(waiting.size === 0 ? Date.now() : "never"); process.exit(); }
    for (const address of waiting) look(address);
}, 100);`;

/** When all the apiservers answered /readyz, in milliseconds since 1970; watched from where the operator sits. */
export async function apiserversReadyAt(addresses: string[]): Promise<number> {
    const { stdout } = await lab.run(["node", "-e", POLLER, ...addresses], { timeoutMs: 310_000 });
    const at = Number(stdout.trim());
    if (!at) throw new Error(`not all apiservers became ready: ${addresses.join(", ")}`);
    return at;
}

/** When the first bootstrap began: the first file that it writes. */
export async function bootstrapBegan(hosts: string[]): Promise<number> {
    const times = await Promise.all(hosts.map((host) => lab.exec(host, "stat -c %.3Y /etc/kubernetes/pki/ca.crt")));
    return Math.min(...times.map(({ stdout }) => Number(stdout.trim()) * 1000));
}
