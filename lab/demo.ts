import * as fs from "fs";
import * as lab from "./api";
import { labFiles } from "./paths";
import { passThrough } from "../tools/process";
import { report } from "./report";

/** From nothing to a cluster on the lab's hosts, and how to reach it. */
async function main(): Promise<void> {
    const started = Date.now();
    await lab.up();
    report("pulumi up: the cluster of Pulumi.dev.yaml on these hosts");
    const [argv, { env }] = await lab.runSpawn([
        "pulumi",
        "up",
        "--stack",
        "dev",
        "--yes",
        "--skip-preview",
        "--continue-on-error",
    ]);
    const code = await passThrough(argv, { env });
    if (code !== 0) {
        report("the same command again finishes what a fault has stopped: npm run lab -- run pulumi up -s dev");
        process.exit(code);
    }
    await writeKubeconfig();
    const nodes = await lab.run(["kubectl", "get", "nodes", "-o", "wide"]);
    const endpoint = await lab.run(["pulumi", "stack", "output", "endpoint", "--stack", "dev"]);
    process.stdout.write(`
${nodes.stdout}
The API answers at ${endpoint.stdout.trim()} (all of it took ${Math.round((Date.now() - started) / 1000)} s).

  npm run lab -- run kubectl get pods -A     kubectl, inside the lab's network
  npm run lab -- shell                       a shell there, with pulumi and kubectl
  npm run lab -- kill cp1                    a power cut; the API keeps answering
  npm run lab -- run pulumi up -s dev        again: nothing to change
  npm run lab -- down                        takes all of it away
`);
}

async function writeKubeconfig(): Promise<void> {
    const { stdout } = await lab.run(["pulumi", "stack", "output", "kubeconfig", "--show-secrets", "--stack", "dev"]);
    fs.writeFileSync(labFiles.kubeconfig, stdout, { mode: 0o600 });
}

main().catch((error: Error) => {
    process.stderr.write(`demo: ${error.message}\n`);
    process.exit(1);
});
