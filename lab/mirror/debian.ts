import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import { debianSources } from "../rootfs/build";

/** Debian packages that the library, or an operator on a host, may install. */
export const DEBIAN_PACKAGES = [
    ...["haproxy", "nginx", "libnginx-mod-stream", "keepalived"],
    ...["conntrack", "socat", "ethtool", "iptables", "ipset", "nftables", "kmod", "ebtables", "runc", "apparmor"],
    // lab/firewall.ts installs these on hosts whose hosts file names them.
    ...["firewalld", "ufw"],
    ...["chrony", "containernetworking-plugins", "jq", "psmisc", "rsync", "tcpdump", "unzip", "xz-utils"],
];

/**
 * Downloads the packages with all dependencies that the hosts' root filesystem lacks. apt runs on this machine, with its
 * proxy settings, but reads the hosts' list of installed packages.
 */
export async function downloadDebianPackages(rootfs: string, into: string): Promise<void> {
    const state = path.join(into, "apt");
    for (const dir of ["lists/partial", "archives/partial"]) {
        fs.mkdirSync(path.join(state, dir), { recursive: true });
    }
    fs.writeFileSync(path.join(state, "sources.list"), await debianSources());
    const settings = {
        "Dir::State": state,
        "Dir::State::status": path.join(rootfs, "var/lib/dpkg/status"),
        "Dir::Cache": state,
        "Dir::Etc::sourcelist": path.join(state, "sources.list"),
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    await must("reading Debian's package lists", ["apt-get", "--quiet", ...options, "update"]);
    const install = ["install", "--yes", "--download-only", ...DEBIAN_PACKAGES];
    await must("downloading Debian packages", ["apt-get", "--quiet", ...options, ...install]);
    for (const deb of fs.readdirSync(path.join(state, "archives")).filter((name) => name.endsWith(".deb"))) {
        fs.renameSync(path.join(state, "archives", deb), path.join(into, deb));
    }
    fs.rmSync(state, { recursive: true });
}

/**
 * Repacks the packages without compression, because all hosts of the lab unpack them at the same time on the processors
 * of one machine.
 */
export async function repackDebianPackages(from: string, into: string): Promise<void> {
    const repack = 'dpkg-deb --raw-extract "$1" "$3" && dpkg-deb -Znone --build "$3" "$2" && rm -rf "$3"';
    for (const deb of fs.readdirSync(from).filter((name) => name.endsWith(".deb"))) {
        const [before, after] = [from, into].map((dir) => path.join(dir, deb));
        await must(`repacking ${deb}`, ["sh", "-ec", repack, "sh", before, after, `${after}.stage`]);
    }
}
