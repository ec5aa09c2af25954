import * as fs from "fs";
import { runMain } from "../tools/commandLine";
import { passThrough } from "../tools/process";
import { reporter, stopwatch } from "../tools/progress";
import * as lab from "./api";
import { LAB_FILES } from "./paths";
import { report } from "./report";

/** Starts the lab, creates the cluster of stack `dev` on its hosts, and prints how to use it. */
async function main(): Promise<number | void> {
    const elapsed = stopwatch();
    await lab.up();
    report("pulumi up: the cluster of Pulumi.dev.yaml on these hosts");
    const up = ["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", "--continue-on-error"];
    const code = await passThrough(...(await lab.runSpawn(up)));
    if (code !== 0) {
        report("`pulumi up` failed. The same command can continue: npm run lab -- run pulumi up -s dev");
        return code;
    }
    await writeKubeconfig();
    const nodes = await lab.run(["kubectl", "get", "nodes", "-o", "wide"]);
    const endpoint = await lab.run(["pulumi", "stack", "output", "endpoint", "--stack", "dev"]);
    process.stdout.write(`
${nodes.stdout}
The API answers at ${endpoint.stdout.trim()} (the demo took ${elapsed()}).

  npm run lab -- run kubectl get pods -A     kubectl, inside the lab's network
  npm run lab -- shell                       a shell there, with pulumi and kubectl
  npm run lab -- kill cp1                    a power cut; the API keeps answering
  npm run lab -- run pulumi up -s dev        the same command again, which changes nothing
  npm run lab -- down                        removes the hosts and the cluster
`);
}

async function writeKubeconfig(): Promise<void> {
    const { stdout } = await lab.run(["pulumi", "stack", "output", "kubeconfig", "--show-secrets", "--stack", "dev"]);
    fs.writeFileSync(LAB_FILES.kubeconfig, stdout, { mode: 0o600 });
}

runMain(reporter("demo"), main);
