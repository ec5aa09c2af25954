import { execFileSync, spawn } from "child_process";
import { createHash } from "crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import * as lab from "../../lab/api";
import { ensureTools } from "../../tools/toolchain";

const PROGRAMS = ["etcd", "etcdctl", "etcdutl"];
const PORT = 8999;

/** An archive as etcd's releases are, served from where the operator sits. */
export async function serveEtcdArchive(): Promise<{ source: object; close(): void }> {
    const folder = mkdtempSync(path.join(tmpdir(), "etcd-archive-"));
    const tools = await ensureTools(PROGRAMS, () => undefined);
    mkdirSync(path.join(folder, "etcd-release"));
    for (const name of PROGRAMS) copyFileSync(tools[name], path.join(folder, "etcd-release", name));
    const archive = path.join(folder, "etcd.tar.gz");
    execFileSync("tar", ["--create", "--gzip", "--file", archive, "--directory", folder, "etcd-release"]);
    const sum = createHash("sha256").update(readFileSync(archive)).digest("hex");

    const serve = `require("http").createServer((_, answer) => require("fs").createReadStream(process.argv[1]).pipe(answer)).listen(${PORT})`;
    const [argv, { env }] = await lab.runSpawn(["node", "-e", serve, archive]);
    const server = spawn(argv[0], argv.slice(1), { env, stdio: "ignore" });
    return {
        source: { uri: `http://10.88.0.1:${PORT}/etcd-{arch}.tar.gz`, sha256: { amd64: sum, arm64: sum } },
        close() {
            server.kill();
            rmSync(folder, { recursive: true });
        },
    };
}
