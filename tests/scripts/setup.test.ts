import { execFileSync } from "child_process";
import { chmodSync } from "fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { releaseOf, secretsOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

const JOIN = { PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" };
const FILE = "etc/example/deep/file.txt";

let host: Sandbox;
afterEach(() => host.remove());

const shell = (command: string): string =>
    execFileSync("chroot", [host.root, "sh", "-c", command], { encoding: "utf8" });

/** A file of the configuration, as the program sends it. */
const file = (content: string, path = FILE, rest = "0640 daemon:daemon"): ScriptParameters => ({
    SETUP_FILES: [`/${path} ${rest}`],
    SETUP_FILE_CONTENTS: [content],
});

describe("the setup of a worker", () => {
    const desired = workerDesired();
    const prepare = (setup: ScriptParameters) => host.ok("prepare", "create", { ...desired, ...setup });
    const change = (setup: ScriptParameters) => {
        prepare(setup);
        return host.ok("node", "update", JOIN);
    };
    const released = () => host.ok("release", "delete", releaseOf(desired));
    beforeEach(() => {
        host = new Sandbox();
    });

    it("writes files byte by byte, with their permissions and owner, and takes them away with their folders", () => {
        prepare(file("a 'quoted' $(text)\n\n"));
        expect(host.read(FILE)).toBe("a 'quoted' $(text)\n\n");
        expect(shell(`stat -c '%a %U:%G' /${FILE}`)).toBe("640 daemon:daemon\n");
        expect(host.read("var/lib/pulumi-kubeadm/setup-folders")).toBe("/etc/example\n/etc/example/deep\n");
        released();
        expect(host.exists("etc/example")).toBe(false);
    });

    it("writes a live host in its turn, repairs what somebody changed, and says what it writes", () => {
        prepare({});
        host.ok("node", "create", JOIN);
        prepare(file("one"));
        expect(host.exists(FILE)).toBe(false);
        expect(host.ok("node", "update", JOIN)).toContain(`writing /${FILE}`);
        expect(host.ok("node", "update", JOIN)).not.toContain("writing");
        chmodSync(`${host.root}/${FILE}`, 0o666);
        expect(host.ok("node", "update", JOIN)).toContain(`writing /${FILE}`);
        expect(host.mode(FILE)).toBe("640");
        change({});
        expect(host.exists(FILE)).toBe(false);
    });

    it("keeps every file of a long list", () => {
        const paths = Array.from({ length: 150 }, (_, i) => `etc/example/${"a-file-with-a-long-name-".repeat(3)}${i}`);
        const many = {
            SETUP_FILES: paths.map((path) => `/${path} 0644 root:root`),
            SETUP_FILE_CONTENTS: paths.map(() => "text"),
        };
        prepare(many);
        host.ok("node", "create", JOIN);
        expect(host.ok("node", "update", JOIN)).not.toContain("removing");
        expect(paths.filter((path) => !host.exists(path))).toEqual([]);
    });

    it("puts back what stood there before: a file with its permissions, a link as a link", () => {
        host.write("etc/motd", "theirs\n");
        chmodSync(`${host.root}/etc/motd`, 0o604);
        shell("ln -s /etc/motd /etc/link");
        const both = {
            SETUP_FILES: ["/etc/motd 0644 root:root", "/etc/link 0644 root:root"],
            SETUP_FILE_CONTENTS: ["ours", "ours too"],
        };
        prepare(both);
        prepare({ ...both, SETUP_FILE_CONTENTS: ["ours again", "ours too"] });
        expect([host.read("etc/motd"), host.read("etc/link")]).toEqual(["ours again", "ours too"]);
        released();
        expect(host.read("etc/motd")).toBe("theirs\n");
        expect(host.mode("etc/motd")).toBe("604");
        expect(shell("readlink /etc/link")).toBe("/etc/motd\n");
    });

    it("does not delete what it has put back, where it was killed before it forgot the file", () => {
        host.write("etc/motd", "theirs\n");
        prepare(file("ours", "etc/motd"));
        const record = host.read("var/lib/pulumi-kubeadm/setup-files");
        prepare({});
        expect(host.read("etc/motd")).toBe("ours");
        host.ok("node", "create", JOIN);
        expect(host.read("etc/motd")).toBe("theirs\n");
        host.write("var/lib/pulumi-kubeadm/setup-files", record);
        shell(
            "mkdir -p /var/lib/pulumi-kubeadm/setup-former/etc; cp /etc/motd /var/lib/pulumi-kubeadm/setup-former/etc/motd",
        );
        change({});
        expect(host.read("etc/motd")).toBe("theirs\n");
    });

    it("keeps the copy of a former file that cannot be put back, and says so", () => {
        host.write("etc/motd", "theirs\n");
        prepare(file("ours", "etc/motd"));
        host.write("usr/local/sbin/mv", `#!/bin/bash\n[[ \${*: -1} != /etc/motd ]] && exec /usr/bin/mv "$@"\nexit 1\n`);
        shell("chmod 755 /usr/local/sbin/mv");
        const { code, stderr } = host.run("release", "delete", releaseOf(desired));
        expect(code).toBe(1);
        expect(stderr).toContain(
            "could not put back the former /etc/motd; see the error above. This host keeps the former files in",
        );
        shell("rm /usr/local/sbin/mv");
        released();
        expect(host.read("etc/motd")).toBe("theirs\n");
    });

    it("is released where a file was never replaced, because nobody can", () => {
        host.write("etc/motd", "theirs\n");
        host.write("usr/local/sbin/mv", `#!/bin/bash\n[[ \${*: -1} != /etc/motd ]] && exec /usr/bin/mv "$@"\nexit 1\n`);
        shell("chmod 755 /usr/local/sbin/mv");
        expect(host.run("prepare", "create", { ...desired, ...file("ours", "etc/motd", "0644 root:root") }).code).toBe(
            1,
        );
        prepare({});
        released();
        expect(host.read("etc/motd")).toBe("theirs\n");
    });

    it("is released where the folder of a former file is gone, or a folder is in its place", () => {
        host.write("etc/gone/a", "theirs\n");
        prepare({
            SETUP_FILES: ["/etc/gone/a 0644 root:root", `/${FILE} 0644 root:root`],
            SETUP_FILE_CONTENTS: ["x", "y"],
        });
        shell(`rm -r /etc/gone; rm /${FILE}; mkdir /${FILE}`);
        expect(released()).toContain(`/${FILE} is a folder by now`);
        expect(host.read("etc/gone/a")).toBe("theirs\n");
    });

    it("records no file that could not be written, so that taking it back deletes nothing", () => {
        const wrong = { ...desired, ...file("x", "etc/other", "0644 nobody2:root") };
        expect(host.run("prepare", "create", wrong).code).toBe(1);
        host.write("etc/other", "theirs\n");
        prepare({});
        host.ok("node", "create", JOIN);
        expect(host.read("etc/other")).toBe("theirs\n");
    });

    it("keeps a secret content out of the desired state, the log and the messages", () => {
        const SETUP_SECRET_FILES = ["/etc/example/token 0600 root:root"];
        const staged = host.ok("secrets", "create", {
            ...secretsOf(desired, { SETUP_SECRET_CONTENTS: ["hidden-word"] }),
            SECRETS: "one",
        });
        const said = prepare({ SETUP_SECRET_FILES, SECRETS: "one" });
        expect(host.read("etc/example/token")).toBe("hidden-word");
        expect(staged + said).not.toContain("hidden-word");
        expect(host.read("var/lib/pulumi-kubeadm/desired.env")).not.toContain("hidden-word");
    });

    it("refuses a folder in the place of a file, and an owner that the host does not have, and leaves no half file", () => {
        shell("mkdir -p /etc/example/deep/file.txt");
        const inPlace = host.run("prepare", "create", { ...desired, ...file("x") });
        expect(inPlace.stderr).toContain(`/${FILE} is a folder; expected a file, or nothing`);
        const owner = host.run("prepare", "create", {
            ...desired,
            ...file("x", "etc/other/file", "0644 nobody2:root"),
        });
        expect(owner.stderr).toContain("cannot write /etc/other/file with mode 0644 and owner nobody2:root");
        expect(shell("ls -A /etc/other")).toBe("");
    });

    it("loads modules, sets sysctls and installs packages whose services start; they go with the host", () => {
        prepare({
            SETUP_MODULES: ["nf_conntrack", "tun"],
            SETUP_SYSCTLS: ["vm.max_map_count = 262144"],
            SETUP_PACKAGES: ["chrony", "jq=1.6*"],
        });
        const calls = host.calls();
        expect(calls).toContain("modprobe nf_conntrack");
        expect(calls).toContain("sysctl --quiet --load /etc/sysctl.d/99-zz-pulumi-kubeadm-setup.conf");
        expect(calls.some((call) => /apt-get .*install .*chrony jq=1\.6\*/.test(call))).toBe(true);
        expect(host.read("etc/modules-load.d/pulumi-kubeadm-setup.conf")).toBe("nf_conntrack\ntun\n");
        expect(host.read("etc/sysctl.d/99-zz-pulumi-kubeadm-setup.conf")).toBe("vm.max_map_count = 262144\n");
        // At a boot the last one by name wins; Debian's 99-sysctl.conf is /etc/sysctl.conf.
        host.write("etc/sysctl.d/99-sysctl.conf", "");
        const settings = ["99-sysctl.conf", "99-z-pulumi-kubeadm.conf", "99-zz-pulumi-kubeadm-setup.conf"];
        expect(
            shell("ls /etc/sysctl.d")
                .split("\n")
                .filter((name) => settings.includes(name)),
        ).toEqual(settings);
        released();
        expect(host.exists("etc/modules-load.d/pulumi-kubeadm-setup.conf")).toBe(false);
        expect(host.exists("etc/sysctl.d/99-zz-pulumi-kubeadm-setup.conf")).toBe(false);
    });

    it("names a module that the kernel does not have", () => {
        host.write("fake/modprobe-fails", "");
        const { code, stderr } = host.run("prepare", "create", { ...desired, SETUP_MODULES: ["no_such_module"] });
        expect(code).toBe(1);
        expect(stderr).toContain("the kernel has no module no_such_module");
    });

    it("has its own lines in /etc/hosts, and leaves those of others", () => {
        const theirs = "127.0.0.1 localhost\n10.9.9.8 theirs # pulumi-kubeadm is not here";
        host.write("etc/hosts", theirs);
        const aliases = (...lines: string[]) => ({ SETUP_ALIASES: lines });
        prepare({});
        expect(host.read("etc/hosts")).toBe(theirs);
        prepare(aliases("10.0.0.100 k8s.example.com k8s", "fd00::1 mirror"));
        const marked = "10.0.0.100 k8s.example.com k8s # pulumi-kubeadm\nfd00::1 mirror # pulumi-kubeadm\n";
        expect(host.read("etc/hosts")).toBe(`${theirs}\n${marked}`);
        expect(shell("getent hosts k8s.example.com")).toContain("10.0.0.100");
        host.write("etc/hosts", `${host.read("etc/hosts")}10.9.9.9 more\n`);
        prepare(aliases("10.0.0.101 k8s.example.com"));
        const changed = "10.0.0.101 k8s.example.com # pulumi-kubeadm\n";
        expect(host.read("etc/hosts")).toBe(`${theirs}\n10.9.9.9 more\n${changed}`);
        released();
        expect(host.read("etc/hosts")).toBe(`${theirs}\n10.9.9.9 more\n`);
    });

    it("restarts a unit of the host once, where it runs, and the kubelet in the host's turn", () => {
        shell("touch /fake/active-chrony.service");
        const restarts = () => host.calls().filter((call) => /restart (chrony|kubelet)/.test(call));
        const both = (content: string) => file(content, FILE, "0644 root:root chrony.service kubelet other.service");
        prepare(both("one"));
        expect(restarts()).toEqual(["systemctl restart chrony.service"]);
        host.ok("node", "create", JOIN);
        shell("touch /fake/active-kubelet");
        host.calls();
        prepare(both("two"));
        expect(restarts()).toEqual([]);
        host.ok("node", "update", JOIN);
        expect(restarts()).toEqual(["systemctl restart chrony.service", "systemctl restart kubelet"]);
        host.ok("node", "update", JOIN);
        expect(restarts()).toEqual([]);
    });
});
