import { writeFileSync } from "fs";
import { cpus } from "os";
import { parseWords } from "../../tools/commandLine";
import { reporter } from "../../tools/progress";
import * as lab from "../../lab/api";
import type { Stack } from "../e2e/stack";
import { median, processorSeconds } from "./clock";
import { byHand, emptyProgram, HOSTS, noOp, perHost, upWith, withPulumi } from "./measures";

const HELP = `Measures pulumi-kubeadm on the lab, against the runbook's serial commands on like hosts.

Usage: npm run bench -- [--runs N] [--json FILE]

  --runs N      how often each is measured; the median counts (3)
  --json FILE   writes {measure: {value, limit}}
`;

type Results = Record<string, { value: number; limit: number }>;

const say = reporter("bench");
const round = (value: number): number => Math.round(value * 100) / 100;

/** Runs a measure, and says what it gave: a figure without its spread says little. */
async function repeat(what: string, runs: number, measure: () => Promise<number>): Promise<number> {
    const values: number[] = [];
    const before = processorSeconds();
    for (let i = 0; i < runs; i++) values.push(round(await measure()));
    const each = Math.round((processorSeconds() - before) / runs);
    say(
        `${what}: ${values.join(", ")} s; ${each} processor seconds each, new hosts included, on ${cpus().length} cores`,
    );
    return median(values);
}

async function measureAll(runs: number): Promise<Results> {
    const results: Results = {};
    const put = (name: string, value: number, limit: number): void => {
        results[name] = { value: round(value), limit };
    };

    const created: { apiservers: number; total: number }[] = [];
    const serial: { apiservers: number; total: number }[] = [];
    // In turns, so that whatever else the machine does hits both alike.
    for (let i = 0; i < runs; i++) {
        serial.push(await byHand());
        const mine = await withPulumi();
        created.push(mine);
        say(
            `run ${i + 1}: by hand ${JSON.stringify(serial[i])}, pulumi up ${JSON.stringify({ ...mine, stack: undefined })}`,
        );
        if (i < runs - 1) continue;
        const { connections, resources, storedBytes, plainBytes } = await perHost(mine.stack);
        put("SSH connections of a create, the most of any host", connections, 6);
        put("resources, the most of any host", resources, 8);
        put("bytes of state as stored, the mean of a host", storedBytes, 24 * 1024);
        put("bytes of state before packing, the mean of a host's own", plainBytes, 24 * 1024);
        await measureNoOp(mine.stack, runs, put);
    }
    const of = (runsOf: typeof created, key: "apiservers" | "total") => median(runsOf.map((run) => run[key]));
    put(
        "three apiservers ready, against init and two joins",
        of(created, "apiservers") / of(serial, "apiservers"),
        0.4,
    );
    put("pulumi up until all is Ready, against the same by hand", of(created, "total") / of(serial, "total"), 0.8);
    const five = await repeat("up of five control planes", runs, () => upWith(5));
    put("up of five control planes, against one", five / (await repeat("up of one", runs, () => upWith(1))), 2);
    return results;
}

/** In turns with an empty program, on a cluster that has come to rest. */
async function measureNoOp(stack: Stack, runs: number, put: (name: string, value: number, limit: number) => void) {
    const logins = async () => (await Promise.all(HOSTS.map(lab.sshConnectionCount))).reduce((sum, n) => sum + n, 0);
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    await noOp(stack);
    await emptyProgram();
    const before = await logins();
    const ours: number[] = [];
    const empty: number[] = [];
    for (let i = 0; i < Math.max(runs, 3); i++) {
        ours.push(round(await noOp(stack)));
        empty.push(round(await emptyProgram()));
    }
    say(`no-op up: ${ours.join(", ")}; empty program: ${empty.join(", ")}`);
    put("no-op up, against an empty program", median(ours) / median(empty), 2);
    put("SSH connections of a no-op up", (await logins()) - before, 0);
}

function print(results: Results): void {
    const width = Math.max(...Object.keys(results).map((name) => name.length));
    for (const [name, { value, limit }] of Object.entries(results)) {
        console.log(
            `${name.padEnd(width)}  ${String(value).padStart(8)}  at most ${limit}  ${value <= limit ? "ok" : "MISSED"}`,
        );
    }
}

async function main(args: string[]): Promise<void> {
    const options = {
        runs: { type: "string", default: "3" },
        json: { type: "string" },
        help: { type: "boolean" },
    } as const;
    const { values } = parseWords("npm run bench", "see `npm run bench -- --help`", args, options, false);
    if (values.help) return console.log(HELP);
    const results = await measureAll(Number(values.runs));
    print(results);
    if (values.json) writeFileSync(values.json, JSON.stringify(results, undefined, 2));
    process.exitCode = Object.values(results).every(({ value, limit }) => value <= limit) ? 0 : 1;
}

main(process.argv.slice(2)).catch((error: Error) => {
    say(error.message);
    process.exitCode = 1;
});
