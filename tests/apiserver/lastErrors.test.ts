import { execFileSync, spawnSync } from "child_process";
import * as path from "path";
import { beforeAll, expect, it } from "vitest";
import { ensureTools } from "../../tools/toolchain";

const PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "etcd"];
const script = path.join(__dirname, "../../components/scripts/lib/host/last-errors.sh");

let tools: Record<string, string>;
beforeAll(async () => {
    tools = await ensureTools(PROGRAMS, (line) => process.stdout.write(`[tools] ${line}\n`));
});

/** The error that a wait that times out prints for a program with this output. */
const lastError = (name: string, said: string): string =>
    execFileSync("bash", ["-c", `. "$0" && last_error "$1"`, script, name], { input: said, encoding: "utf8" });

it.each(PROGRAMS)("a flag that %s refuses is its last error", (name) => {
    const { stdout, stderr, status } = spawnSync(tools[name], ["--no-such-flag"], {
        encoding: "utf8",
        timeout: 30_000,
    });
    expect(status).toBeGreaterThan(0);
    expect(lastError(name, stdout + stderr)).toMatch(new RegExp(`^${name}: .*no-such-flag.*\n$`));
});
