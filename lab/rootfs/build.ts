import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import { built } from "../buildCache";
import { capture, must } from "../process";
import type { Report } from "../report";

/** The release the lab's machines run. */
export const suite = "bookworm";

/** What a minimal Debian server has; all that Kubernetes needs beyond it comes by apt, as on a real machine. */
const hostPackages = [
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

/** The mirror's own machine: a web server and a registry. */
const mirrorPackages = ["nginx-light", "docker-registry"];

/** Documentation and translations nobody reads in a lab: a third of the files. */
const leanPackages = ["doc", "man", "locale", "info"].map((dir) => `--dpkgopt=path-exclude=/usr/share/${dir}/*`);

/** Hooks of mmdebstrap, run when all packages are installed. */
const scripts = ["customize.sh", "kernel-modules.sh"].map((script) => path.join(__dirname, script));

/** The root filesystem all hosts share as the lower layer of their disks. */
export function hostRootfs(say: Report): Promise<string> {
    const texts = scripts.map((script) => fs.readFileSync(script, "utf8"));
    const recipe = [suite, hostPackages, leanPackages, texts, os.release()];
    return built(say, "root-filesystem", recipe, (dir) =>
        bootstrap(dir, [
            `--include=${hostPackages.join(",")}`,
            ...scripts.map((script) => `--customize-hook=bash ${script} "$1"`),
            ...leanPackages,
        ]),
    );
}

export function mirrorRootfs(say: Report): Promise<string> {
    return built(say, "mirror-filesystem", [suite, mirrorPackages, leanPackages], (dir) =>
        bootstrap(dir, [`--include=${mirrorPackages.join(",")}`, ...leanPackages]),
    );
}

/** mmdebstrap from the same Debian mirrors this machine itself uses. */
export async function bootstrap(dir: string, options: string[], variant = "minbase"): Promise<void> {
    const sources = await debianSources();
    const argv = ["mmdebstrap", "--quiet", "--mode=root", `--variant=${variant}`, ...options, suite, dir];
    await must("building a Debian root filesystem", sources ? [...argv, "-"] : argv, { input: sources });
}

/** This machine's own sources for the suite; nothing where it has none, and mmdebstrap's default serves. */
export async function debianSources(): Promise<string> {
    const fields = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)";
    const filters = ["Created-By: Packages", "Origin: Debian"];
    const targets = await capture(["apt-get", "indextargets", "--format", fields, ...filters]);
    const lines = targets.stdout.split("\n").filter((line) => line.split(" ")[3]?.startsWith(suite));
    return lines.map((line) => `${line}\n`).join("");
}
