import { ChildProcess, execFileSync, spawn } from "child_process";
import { createHash } from "crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from "fs";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { releaseOf, workerDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";
import { ScriptParameters } from "../../components/host/contract";
import { BINARY_NAMES, BinaryName } from "../../components/model/binaries";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";

const STORE = "opt/pulumi-kubeadm";
const PROGRAMS = ["kubeadm", "kubelet", "kubectl", "containerd", "containerd-shim-runc-v2", "runc", "crictl"];
const ARCHIVES: Partial<Record<BinaryName, string[]>> = {
    containerd: ["bin/containerd", "bin/containerd-shim-runc-v2"],
    cniPlugins: ["./loopback", "./portmap"],
    crictl: ["crictl"],
};

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    // What this machine has of its own would be called a package's; of the fakes, all that preflight would take for one.
    for (const folder of ["usr/local/bin", "usr/sbin", "usr/bin"]) {
        host.exec(["rm", "-f", ...PROGRAMS.concat("ctr").map((name) => `/${folder}/${name}`)]);
    }
    host.exec(["rm", "-rf", `/${STORE}`, "/opt/cni"]);
    BINARY_NAMES.forEach((name) => publish(name, "1"));
});
let containerd: ChildProcess | undefined;
afterEach(() => {
    containerd?.kill();
    host.remove();
});

/** A process of that program's file: what it does is nothing, but it is there, and from where it was started. */
function runFrom(program: string): ChildProcess {
    const file = readlinkSync(path.join(host.root, "usr/local/bin", program));
    host.exec(["cp", "/bin/sleep", file]);
    const running = spawn(path.join(host.root, file), ["60"], { stdio: "ignore" });
    host.write(`fake/pid-${program}`, `${running.pid}\n`);
    return running;
}

/** Puts a file where the fake of curl finds it; the same content has the same checksum. */
function publish(name: BinaryName, content: string): void {
    const file = `fake/binaries/${name}`;
    if (!ARCHIVES[name]) return host.write(file, `${name} ${content}`);
    const folder = path.join(host.root, `fake/archive-${name}`);
    for (const member of ARCHIVES[name]) {
        host.write(`fake/archive-${name}/${member}`, `${member} ${content}`);
        host.exec(["chmod", "755", `/fake/archive-${name}/${member}`]);
    }
    mkdirSync(path.join(host.root, "fake/binaries"), { recursive: true });
    const reproducible = ["--sort=name", "--mtime=@0", "--use-compress-program=gzip -n"];
    execFileSync("tar", ["--create", ...reproducible, "-f", path.join(host.root, file), "-C", folder, "."]);
}

const sumOf = (name: BinaryName) =>
    createHash("sha256")
        .update(readFileSync(path.join(host.root, "fake/binaries", name)))
        .digest("hex");

/** A worker's desired state with the published files, or with other checksums. */
function desired(sums: Partial<Record<BinaryName, string>> = {}): ScriptParameters {
    const files = BINARY_NAMES.map((name) => {
        const sum = sums[name] ?? sumOf(name);
        return [name, { uri: `http://192.0.2.2/{arch}/binaries/${name}`, sha256: { amd64: sum, arm64: sum } }];
    });
    const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal };
    return workerDesired({ loadBalancer, sources: { binaries: Object.fromEntries(files) } });
}

const fetched = () => host.calls().filter((call) => /^curl .*binaries/.test(call));
const packageCalls = () => host.calls().filter((call) => /^(apt|dpkg|dnf|rpm)/.test(call));
/** A program's file, where its link leads to in the host. */
const program = (name: string): string => readlinkSync(path.join(host.root, "usr/local/bin", name)).replace(/^\//, "");
const links = () =>
    Object.fromEntries(
        readdirSync(path.join(host.root, "usr/local/bin"))
            .filter((name) => PROGRAMS.includes(name))
            .map((name) => [name, host.read(program(name))]),
    );

describe("programs as files", () => {
    it("are fetched, verified and linked, with the units that packages would bring, and no package manager is called", () => {
        host.ok("prepare", "create", desired());
        expect(packageCalls()).toEqual([]);
        expect(links()).toMatchObject({ kubelet: "kubelet 1", runc: "runc 1", containerd: "bin/containerd 1" });
        expect(host.read("opt/cni/bin/loopback")).toBe("./loopback 1");
        expect(host.mode(program("kubelet"))).toBe("755");
        expect(host.read("etc/systemd/system/containerd.service")).toContain("ExecStart=/usr/local/bin/containerd\n");
        expect(host.read("etc/systemd/system/kubelet.service.d/10-kubeadm.conf")).toContain(
            "ExecStart=\nExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS",
        );
        expect(host.exists("etc/apt/sources.list.d/kubernetes.list")).toBe(false);
    });

    it("are not fetched a second time, not even to put back what somebody deleted", () => {
        host.ok("prepare", "create", desired());
        expect(fetched()).toHaveLength(BINARY_NAMES.length);
        host.exec(["rm", "/usr/local/bin/kubelet", "/opt/cni/bin/loopback"]);
        host.ok("prepare", "update", desired());
        expect(links().kubelet).toBe("kubelet 1");
        expect(host.exists("opt/cni/bin/loopback")).toBe(true);
        const calls = host.calls();
        expect(calls.filter((call) => /^curl .*binaries|restart containerd/.test(call))).toEqual([]);
    });

    it("that are not what was expected leave nothing behind, and nothing is exchanged", () => {
        const wrong = { kubelet: "a".repeat(64) };
        const { code, stderr } = host.run("prepare", "create", desired(wrong));
        expect(code).toBe(1);
        expect(stderr).toContain(`got sha256 ${sumOf("kubelet")}, expected ${wrong.kubelet}; nothing was installed`);
        expect(links()).toEqual({});
        expect(readdirSync(path.join(host.root, STORE)).filter((name) => /kubelet/.test(name))).toEqual([]);
    });

    it("that no mirror has are told by their address", () => {
        host.exec(["rm", "/fake/binaries/runc"]);
        const sums = { runc: "b".repeat(64) };
        expect(host.run("prepare", "create", desired(sums)).stderr).toMatch(/cannot fetch http:.*binaries\/runc/);
        expect(links()).toEqual({});
    });

    it.each([/^curl .*binaries\/kubelet/m, /systemctl daemon-reload/, /systemctl restart containerd/])(
        "killed at %s, the next run finishes the job",
        async (call) => {
            await host.runAndKillAt(call, "prepare", "create", desired());
            host.ok("prepare", "create", desired());
            expect(Object.keys(links()).sort()).toEqual([...PROGRAMS].sort());
            expect(readdirSync(path.join(host.root, STORE))).toHaveLength(BINARY_NAMES.length);
        },
    );

    it("of another checksum take the old ones' place, and containerd is restarted, a killed run notwithstanding", async () => {
        host.ok("prepare", "create", desired());
        containerd = runFrom("containerd");
        publish("containerd", "2");
        publish("kubelet", "2");
        host.calls();
        await host.runAndKillAt(/systemctl daemon-reload/, "prepare", "update", desired());
        host.calls();
        host.ok("prepare", "update", desired());
        expect(host.calls()).toContain("systemctl restart containerd");
        expect(links()).toMatchObject({ kubelet: "kubelet 2", containerd: "bin/containerd 2", runc: "runc 1" });
        expect(readdirSync(path.join(host.root, STORE))).toHaveLength(BINARY_NAMES.length);
        host.ok("prepare", "update", desired());
        expect(host.calls()).not.toContain("systemctl restart containerd");
    });

    it("never take the place of a program that is not ours", () => {
        host.write("usr/local/bin/kubectl", "an administrator's");
        expect(host.run("prepare", "create", desired()).stderr).toContain(
            "/usr/local/bin/kubectl already exists and was not installed by us",
        );
        expect(host.read("usr/local/bin/kubectl")).toBe("an administrator's");
    });

    it("go with the host's release, and what was there before stays", () => {
        host.write("usr/local/bin/site-tool", "an administrator's");
        host.ok("prepare", "create", desired());
        host.calls();
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packageCalls()).toEqual([]);
        expect(links()).toEqual({});
        expect(host.read("usr/local/bin/site-tool")).toBe("an administrator's");
        for (const file of [
            STORE,
            "opt/cni",
            "etc/systemd/system/kubelet.service",
            "etc/systemd/system/containerd.service",
        ]) {
            expect(host.exists(file), file).toBe(false);
        }
    });
});

describe("preflight with programs as files", () => {
    const preflight = {
        ...PREFLIGHT,
        HOST_PACKAGES: false,
        STATIC_BINARIES: true,
        NEEDED_COMMANDS: ["curl this library's scripts", "no-such-command the kubelet"],
    };
    // The fakes stand where programs would be.
    const removeFakes = () => host.exec(["rm", "-f", ...PROGRAMS.map((name) => `/usr/local/sbin/${name}`)]);

    it("names the commands that are missing, and who calls them", () => {
        removeFakes();
        const { code, stderr } = host.run("preflight", "create", preflight);
        expect(code).toBe(1);
        expect(stderr).toContain("no-such-command: not found on this host, expected it for the kubelet");
        expect(stderr).toContain("1 fault(s); no host was changed");
    });

    it("refuses a host that has such programs already, by package or by hand", () => {
        removeFakes();
        host.write("usr/bin/kubelet", "");
        host.write("opt/cni/bin/loopback", "");
        const { stderr } = host.run("preflight", "create", { ...preflight, NEEDED_COMMANDS: [] });
        expect(stderr).toContain("/usr/bin/kubelet: already exists");
        expect(stderr).toContain("/opt/cni/bin: already has CNI plugins that were not installed by us");
    });

    it("knows its own, and refuses packages where files are", () => {
        host.ok("prepare", "create", desired());
        removeFakes();
        expect(host.run("preflight", "update", { ...preflight, NEEDED_COMMANDS: [] }).code).toBe(0);
        expect(host.run("preflight", "update", PREFLIGHT).stderr).toContain(
            "sources.binaries: got none, expected the option as before",
        );
    });

    it("asks for the kubelet's file, by this architecture", () => {
        removeFakes();
        const asked = { ...preflight, NEEDED_COMMANDS: [], PACKAGE_SOURCE: "http://192.0.2.2/{arch}/binaries/kubelet" };
        expect(host.run("preflight", "create", asked).stderr).toMatch(
            /sources.binaries: http:\/\/192.0.2.2\/(amd64|arm64)\/binaries\/kubelet: .*expected an answer/,
        );
    });
});
