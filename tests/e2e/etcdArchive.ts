import { execFileSync } from "child_process";
import { createHash } from "crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { ARCHITECTURE } from "../../lab/mirror/versions";
import { ensureTools } from "../../tools/toolchain";
import { serveFolder } from "./serve";

const PROGRAMS = ["etcd", "etcdctl", "etcdutl"];
const PORT = 8999;

/** An archive as etcd's RELEASES are, served from where the operator sits. */
export async function serveEtcdArchive(): Promise<{ source: object; close(): void }> {
    const folder = mkdtempSync(path.join(tmpdir(), "etcd-archive-"));
    const tools = await ensureTools(PROGRAMS, () => undefined);
    mkdirSync(path.join(folder, "etcd-release"));
    for (const name of PROGRAMS) copyFileSync(tools[name], path.join(folder, "etcd-release", name));
    const archive = path.join(folder, `etcd-${ARCHITECTURE}.tar.gz`);
    execFileSync("tar", ["--create", "--gzip", "--file", archive, "--directory", folder, "etcd-release"]);
    const sum = createHash("sha256").update(readFileSync(archive)).digest("hex");

    const { url, close } = await serveFolder(folder, PORT);
    return {
        source: { uri: `${url}/etcd-{arch}.tar.gz`, sha256: { amd64: sum, arm64: sum } },
        close() {
            close();
            rmSync(folder, { recursive: true });
        },
    };
}
