import { cpSync, mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import * as lab from "../../lab/api";
import { REPO_DIR } from "../../lab/paths";
import { must, Outcome } from "../../tools/process";

/** A program of the examples as somebody else has it: in a folder of its own, with the package packed and installed. */
export class OwnProgram {
    public readonly folder: string;

    constructor(private readonly example: string) {
        this.folder = mkdtempSync(path.join(tmpdir(), `${example}-`));
    }

    async install(): Promise<void> {
        const { folder } = this;
        cpSync(path.join(REPO_DIR, "examples", this.example), folder, { recursive: true });
        const pack = ["npm", "pack", "--pack-destination", folder, "--json"];
        const packed = await must("npm pack", pack, { cwd: REPO_DIR });
        const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("[")));
        const install = ["npm", "install", "--prefer-offline", `./${filename}`, "tsx"];
        await must("npm install", install, { cwd: folder });
    }

    pulumi = (...words: string[]): Promise<Outcome> =>
        lab.run(["pulumi", ...words, "--non-interactive"], {
            cwd: this.folder,
            env: { PULUMI_BACKEND_URL: `file://${this.folder}` },
            timeoutMs: 600_000,
        });

    remove = (): void => rmSync(this.folder, { recursive: true, force: true });
}
