import { execFileSync } from "child_process";
import { createHash } from "crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { BINARY_NAMES, BinariesArgs, BinaryName, upstreamBinaries } from "../../components/model/binaries";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions/versions";
import { ARCHITECTURE } from "../../lab/mirror/versions";
import * as lab from "../../lab/api";
import { ensureTools } from "../../tools/toolchain";
import { serveFolder } from "./serve";

const CONTAINERD = ["containerd", "ctr", "containerd-shim-runc-v2"];
const POOL = "http://10.88.0.2/debian/pool";

export interface Mirror {
    /** For `sources.binaries`: where the files are, and what they are. */
    binaries: BinariesArgs;
    /** Another archive of the same programs, as a new release would be. */
    release(name: BinaryName): void;
    close(): void;
}

/**
 * A mirror with upstream's paths. The programs are the toolchain's, but for runc and the CNI plugins, which are Debian's,
 * so the checksums are not upstream's.
 */
export async function serveBinaries(): Promise<Mirror> {
    const folder = mkdtempSync(path.join(tmpdir(), "binaries-"));
    const upstream = upstreamBinaries(DEFAULT_KUBERNETES_VERSION);
    const file = (name: BinaryName) => {
        const uri = upstream[name].uri!.replace("https://", "").replaceAll("{arch}", ARCHITECTURE);
        const at = path.join(folder, "mirror", uri);
        mkdirSync(path.dirname(at), { recursive: true });
        return at;
    };
    const tools = await ensureTools(["kubeadm", "kubelet", "kubectl", "crictl", ...CONTAINERD], () => undefined);
    for (const name of ["kubeadm", "kubelet", "kubectl"] as const) copyFileSync(tools[name], file(name));
    const debian = await extractDebian(folder);
    copyFileSync(path.join(debian, "usr/sbin/runc"), file("runc"));

    const contents: Partial<Record<BinaryName, string>> = { cniPlugins: path.join(debian, "usr/lib/cni") };
    const gather = (name: BinaryName, below: string, programs: string[]) => {
        contents[name] = path.join(folder, name);
        mkdirSync(path.join(contents[name], below), { recursive: true });
        for (const program of programs) copyFileSync(tools[program], path.join(contents[name], below, program));
    };
    gather("containerd", "bin", CONTAINERD);
    gather("crictl", ".", ["crictl"]);
    const pack = (name: BinaryName) =>
        execFileSync("tar", ["--create", "--gzip", "--file", file(name), "--directory", contents[name]!, "."]);
    for (const name of ["containerd", "crictl", "cniPlugins"] as const) pack(name);

    const { url, close } = await serveFolder(path.join(folder, "mirror"), 8998);
    const sha256 = (name: BinaryName) => ({
        [ARCHITECTURE]: createHash("sha256")
            .update(readFileSync(file(name)))
            .digest("hex"),
    });
    const binaries: BinariesArgs = { mirror: url };
    for (const name of BINARY_NAMES) binaries[name] = { sha256: sha256(name) };
    return {
        binaries,
        release(name) {
            writeFileSync(path.join(contents[name]!, "RELEASE"), String(Date.now()));
            pack(name);
            binaries[name] = { sha256: sha256(name) };
        },
        close() {
            close();
            rmSync(folder, { recursive: true });
        },
    };
}

/** What the toolchain does not build: runc and the CNI plugins, out of the packages on the lab's mirror. */
async function extractDebian(folder: string): Promise<string> {
    const debian = path.join(folder, "debian");
    const index = await lab.run(["curl", "--silent", "--fail", `${POOL}/`]);
    for (const name of ["runc", "containernetworking-plugins"]) {
        const deb = new RegExp(`href="(${name}_[^"]*\\.deb)"`).exec(index.stdout)?.[1];
        if (!deb) throw new Error(`the mirror has no package of ${name}: ${index.stdout}${index.stderr}`);
        const copy = path.join(folder, `${name}.deb`);
        const got = await lab.run(["curl", "--silent", "--fail", "--output", copy, `${POOL}/${deb}`]);
        if (got.code !== 0) throw new Error(`${deb}: ${got.stderr}`);
        execFileSync("dpkg-deb", ["--extract", copy, debian]);
    }
    if (readdirSync(path.join(debian, "usr/lib/cni")).length === 0) throw new Error("no CNI plugins");
    return debian;
}
