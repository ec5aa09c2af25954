import * as fs from "fs";
import * as path from "path";
import { operatorBin } from "../tools/toolchain";
import { inNetwork } from "./network";
import { labFiles, repoDir } from "./paths";
import { must } from "./process";
import { report } from "./report";

/** The stack whose config, committed, describes the lab's hosts. */
const stack = "dev";

/** The environment of everything that talks to the lab: pinned tools first, Pulumi's state within the checkout. */
export async function operatorEnvironment(): Promise<NodeJS.ProcessEnv> {
    const bin = [await operatorBin(report), path.dirname(process.execPath), process.env.PATH];
    return {
        ...process.env,
        PATH: bin.join(":"),
        KUBECONFIG: labFiles.kubeconfig,
        PULUMI_BACKEND_URL: `file://${labFiles.state}`,
        PULUMI_HOME: labFiles.pulumiHome,
        // The salt of this passphrase is in the committed Pulumi.dev.yaml: a throwaway lab has nothing to protect.
        PULUMI_CONFIG_PASSPHRASE: "lab",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // The whole state is written at every step; most of it is names that compress well.
        PULUMI_DIY_BACKEND_GZIP: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
}

/** Makes sure that the lab's state has the stack, so that `pulumi up` works at once. */
export async function ensureStack(env: NodeJS.ProcessEnv): Promise<void> {
    const project = path.join(repoDir, "Pulumi.yaml");
    if (!fs.existsSync(project)) {
        return;
    }
    const name = /^name: *(\S+)/m.exec(fs.readFileSync(project, "utf8"))?.[1] ?? "";
    if (fs.existsSync(path.join(labFiles.state, ".pulumi/stacks", name, `${stack}.json.gz`))) {
        return;
    }
    fs.mkdirSync(labFiles.state, { recursive: true });
    const argv = ["pulumi", "stack", "init", stack, "--non-interactive", "--cwd", repoDir];
    await must(`creating the stack ${stack}`, inNetwork(argv), { env });
}

/**
 * An engine that was killed leaves its lock, which the next one would wait for in vain. Whoever made it is looked for: a
 * lock of a process that is gone from this machine, where all of the lab's state is written, holds nothing.
 */
export function dropStaleLocks(folder = path.join(labFiles.state, ".pulumi/locks")): void {
    if (!fs.existsSync(folder)) {
        return;
    }
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const lock = path.join(folder, file);
        if (file.endsWith(".json") && !isAlive(JSON.parse(fs.readFileSync(lock, "utf8")).pid)) {
            fs.rmSync(lock, { force: true });
        }
    }
}

const isAlive = (pid: number): boolean => fs.existsSync(`/proc/${pid}`);
