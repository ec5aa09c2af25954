import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import { capture, must } from "../../tools/process";
import type { Report } from "../../tools/progress";
import { built } from "../buildCache";

/** The Debian release of the lab's machines. */
export const SUITE = "bookworm";

/** The packages of a minimal Debian server. apt installs everything else that Kubernetes needs, as on a real machine. */
const HOST_PACKAGES = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "sudo",
    "iproute2",
    "iputils-ping",
    "iptables",
    "nftables",
    "netbase",
    "kmod",
    "procps",
    "ca-certificates",
    "curl",
    "gnupg",
    "less",
];

/** The packages of the mirror: a web server and a registry. */
const MIRROR_PACKAGES = ["nginx-light", "docker-registry"];

/** Options that leave out documentation and translations, a third of all files. */
const LEAN_PACKAGES = ["doc", "man", "locale", "info"].map((dir) => `--dpkgopt=path-exclude=/usr/share/${dir}/*`);

/** Hooks that mmdebstrap runs after it has installed all packages. */
const SCRIPTS = ["customize.sh", "kernel-modules.sh"].map((script) => path.join(__dirname, script));

/** Returns the root filesystem that is the lower layer of every host's disk. */
export function hostRootfs(say: Report): Promise<string> {
    const texts = SCRIPTS.map((script) => fs.readFileSync(script, "utf8"));
    const recipe = [SUITE, HOST_PACKAGES, LEAN_PACKAGES, texts, os.release()];
    return built(say, "root-filesystem", recipe, (dir) =>
        bootstrap(dir, [
            `--include=${HOST_PACKAGES.join(",")}`,
            ...SCRIPTS.map((script) => `--customize-hook=bash ${script} "$1"`),
            ...LEAN_PACKAGES,
        ]),
    );
}

/** Returns the root filesystem of the mirror. */
export function mirrorRootfs(say: Report): Promise<string> {
    return built(say, "mirror-filesystem", [SUITE, MIRROR_PACKAGES, LEAN_PACKAGES], (dir) =>
        bootstrap(dir, [`--include=${MIRROR_PACKAGES.join(",")}`, ...LEAN_PACKAGES]),
    );
}

/** Runs mmdebstrap with the Debian mirrors that this machine uses. */
export async function bootstrap(dir: string, options: string[], variant = "minbase"): Promise<void> {
    const sources = await debianSources();
    const argv = ["mmdebstrap", "--quiet", "--mode=root", `--variant=${variant}`, ...options, SUITE, dir];
    await must("building a Debian root filesystem", sources ? [...argv, "-"] : argv, { input: sources });
}

/** Returns this machine's apt sources for the release. If there are none, mmdebstrap uses its default. */
export async function debianSources(): Promise<string> {
    const fields = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)";
    const filters = ["Created-By: Packages", "Origin: Debian"];
    const targets = await capture(["apt-get", "indextargets", "--format", fields, ...filters]);
    const lines = targets.stdout.split("\n").filter((line) => line.split(" ")[3]?.startsWith(SUITE));
    return lines.map((line) => `${line}\n`).join("");
}
