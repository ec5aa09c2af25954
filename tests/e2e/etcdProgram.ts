import { existsSync } from "fs";
import * as path from "path";
import * as lab from "../../lab/api";
import { LAB_FILES, REPO_DIR } from "../../lab/paths";
import type { Outcome } from "../../tools/process";

/** tests/e2e/etcd: `EtcdCluster` alone, on the hosts given. */
export class EtcdProgram {
    private readonly folder = path.join(REPO_DIR, "tests/e2e/etcd");

    constructor(
        public members: string[],
        /** Where etcd comes from. @default the lab's package */
        public source?: object,
        public options: object = {},
    ) {}

    up = (): Promise<Outcome> => this.pulumi("up", "--yes", "--skip-preview");
    async destroy(): Promise<Outcome> {
        await this.pulumi("state", "unprotect", "--all", "--yes");
        return this.pulumi("destroy", "--yes", "--skip-preview");
    }

    async output(...words: string[]): Promise<string> {
        const { stdout } = await this.pulumi("stack", "output", "--show-secrets", ...words);
        return stdout;
    }

    private async pulumi(...words: string[]): Promise<Outcome> {
        const env = {
            ETCD_MEMBERS: this.members.join(" "),
            ETCD_OPTIONS: JSON.stringify(this.options),
            ETCD_SOURCE: this.source ? JSON.stringify(this.source) : "",
        };
        const options = { cwd: this.folder, timeoutMs: 600_000, env };
        if (!existsSync(path.join(LAB_FILES.state, ".pulumi/stacks/etcd-alone/test.json.gz"))) {
            await lab.run(["pulumi", "stack", "init", "test", "--non-interactive"], options);
        }
        return lab.run(["pulumi", ...words, "--stack", "test", "--non-interactive", "--color", "never"], options);
    }
}
