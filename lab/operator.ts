import * as fs from "fs";
import * as path from "path";
import { must } from "../tools/process";
import { operatorBin, pluginEnvironment } from "../tools/toolchain";
import { inNetwork } from "./network";
import { LAB_FILES, REPO_DIR } from "./paths";
import { report } from "./report";

/** The stack whose committed config describes the lab's hosts. */
const STACK = "dev";

/** Returns the environment of programs that call the lab: the pinned tools first on PATH, Pulumi's state in the checkout. */
export async function operatorEnvironment(): Promise<NodeJS.ProcessEnv> {
    const bin = await operatorBin(report);
    return {
        ...process.env,
        ...pluginEnvironment(LAB_FILES.pulumiHome, bin),
        PATH: [bin, path.dirname(process.execPath), process.env.PATH].join(":"),
        KUBECONFIG: LAB_FILES.kubeconfig,
        PULUMI_BACKEND_URL: backendUrl(LAB_FILES.state),
        // Not a secret: its salt is in the committed Pulumi.dev.yaml, and a throwaway lab has nothing to protect.
        PULUMI_CONFIG_PASSPHRASE: "lab",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Pulumi writes the whole state after each step. Most of it is names, which compress well.
        PULUMI_DIY_BACKEND_GZIP: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
}

/**
 * The URL of Pulumi's state in a folder. Without a file of metadata beside each file: an engine that is killed may leave that one
 * empty, and every later one would refuse to start.
 */
export const backendUrl = (folder: string): string => `file://${folder}?metadata=skip`;

/** Creates the stack in the lab's state if it is missing. */
export async function ensureStack(env: NodeJS.ProcessEnv): Promise<void> {
    const project = path.join(REPO_DIR, "Pulumi.yaml");
    if (!fs.existsSync(project)) {
        return;
    }
    const name = /^name: *(\S+)/m.exec(fs.readFileSync(project, "utf8"))?.[1] ?? "";
    if (fs.existsSync(path.join(LAB_FILES.state, ".pulumi/stacks", name, `${STACK}.json.gz`))) {
        return;
    }
    fs.mkdirSync(LAB_FILES.state, { recursive: true });
    const argv = ["pulumi", "stack", "init", STACK, "--non-interactive", "--cwd", REPO_DIR];
    await must(`creating the stack ${STACK}`, inNetwork(argv), { env });
}

/**
 * Removes Pulumi's locks whose process has ended. An engine that was killed leaves its lock, and every later one would
 * refuse to start. Only processes of this machine write the lab's state, so a lock whose process id is unused is stale.
 */
export function removeStaleLocks(folder = path.join(LAB_FILES.state, ".pulumi/locks")): void {
    if (!fs.existsSync(folder)) {
        return;
    }
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const lock = path.join(folder, file);
        if (!file.endsWith(".json")) {
            continue;
        }
        const { pid } = JSON.parse(fs.readFileSync(lock, "utf8")) as { pid: number };
        if (!isAlive(pid)) {
            fs.rmSync(lock, { force: true });
        }
    }
}

const isAlive = (pid: number): boolean => fs.existsSync(`/proc/${pid}`);
