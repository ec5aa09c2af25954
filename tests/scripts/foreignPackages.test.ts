import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { releaseOf, workerDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

describe("packages that others installed", () => {
    const NODE = { INSTALLS_CONTAINERD: true, KUBERNETES_VERSION: "1.36.3" };
    const warnings = (more: ScriptParameters = NODE) => {
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...more });
        expect(code, stderr).toBe(0);
        return [...stderr.matchAll(/^ {2}cp1 +packages +(.*)$/gm)].map(([, text]) => text);
    };

    it("in another version are warned of, and those that somebody holds are faults", () => {
        host.write("fake/packages", "kubeadm 1.36.3-1.1\nkubelet 1.35.2-1.1\nkubectl 1.35.2-1.1\n");
        expect(warnings()).toEqual(
            ["kubelet", "kubectl"].map((name) => `${name}: got 1.35.2-1.1, which becomes 1.36.3`),
        );
        host.write("fake/held", "kubeadm\nkubelet\n");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...NODE });
        expect(code).toBe(1);
        expect(stderr).toContain("1 fault(s)");
        expect(stderr).toMatch(
            / packages +kubelet: got 1\.35\.2-1\.1 and a hold on the package, expected 1\.36\.3\n +to do: apt-mark unhold kubelet\n/,
        );
        expect(warnings({ ...NODE, HOST_PACKAGES: false })).toEqual([]);
        expect(warnings({ ...NODE, INSTALLS_CONTAINERD: false })).toEqual([]);
    });

    it("are kubeadm's and kubectl's own business on a host with etcd alone", () => {
        host.write("fake/packages", "kubeadm 1.35.2-1.1\nkubectl 1.35.2-1.1\n");
        host.write("fake/held", "kubeadm\nkubectl\n");
        expect(warnings({ ...NODE, ROLE: "etcd" })).toEqual([]);
    });

    it("and need the distribution's containerd or runc would be removed with it", () => {
        host.write("fake/packages", "containerd 1.6.20\nrunc 1.1.5\n");
        host.write("var/lib/apt/lists/example_Packages", "");
        const replaced = (name: string) => `${name}: got the distribution's package, which containerd.io replaces`;
        expect(warnings()).toEqual([replaced("containerd"), replaced("runc")]);
        host.write("fake/needs", "docker.io containerd\n");
        host.write("fake/held", "runc\n");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...NODE });
        expect(code).toBe(1);
        expect(stderr).toContain("2 fault(s)");
        expect(stderr).toContain("runc: got a hold on the package, expected none, because containerd.io replaces it");
        expect(stderr).toContain("got docker.io, expected none, because it needs the distribution's containerd runc");
    });

    it("are looked for with dnf's versionlock on RHEL", () => {
        host.write("etc/os-release", "ID=rhel\nVERSION_ID=9.4\n");
        host.write("fake/packages", "kubelet 1.35.2-150500.1.1\nrunc 1.1.5\n");
        const locks = [
            ...["# Added lock", "kubelet-0:1.35.2-150500.1.1.*", "kubeadm-0:1.36.3-150500.1.1.*"],
            ...["!kubectl-0:1.36.0-150500.1.1.*", "runc-1.1.*"],
        ];
        host.write("etc/dnf/plugins/versionlock.list", `${locks.join("\n")}\n`);
        host.write("fake/needs", "podman runc\n");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...NODE, OS_FAMILY: "redhat" });
        expect(code).toBe(1);
        expect(stderr).toContain("3 fault(s)");
        expect(stderr).toContain("kubelet: got 1.35.2-150500.1.1 and a hold on the package, expected 1.36.3");
        expect(stderr).toContain("runc: got a hold on the package, expected none, because containerd.io replaces it");
        expect(stderr).toContain("to do: dnf versionlock delete kubelet");
        expect(stderr).toContain("got podman-1:1, expected none, because it needs the distribution's runc");
    });

    it("are none where dnf has no versionlock", () => {
        host.write("etc/os-release", "ID=rhel\nVERSION_ID=9.4\n");
        host.write("fake/packages", "bash 5.1\n");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...NODE, OS_FAMILY: "redhat" });
        expect(stderr).not.toContain("packages");
        expect(code).toBe(0);
    });

    it("are not known where dpkg fails, which is one fault among others", () => {
        host.write("fake/dpkg-fails", "");
        host.write("etc/cni/net.d/05-cilium.conflist", "{}");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...NODE, INSTALLS_CNI: true });
        expect(code).toBe(1);
        expect(stderr).toContain("2 fault(s)");
        expect(stderr).toContain(
            "the package manager cannot tell which packages are on hold: dpkg: error: parsing file",
        );
    });

    it("have the hold of a person after a release, and no longer that of the program", () => {
        host.write("fake/packages", "kubelet 1.36.3-1.1\ncontainerd.io 1.7\n");
        host.write("fake/held", "kubelet\n");
        host.ok("prepare", "create", workerDesired());
        expect(host.calls()).toContain("apt-mark hold kubeadm kubelet kubectl containerd.io");
        host.ok("release", "delete", releaseOf(workerDesired()));
        const marks = host.calls().filter((call) => call.startsWith("apt-mark"));
        expect(marks).toEqual(["apt-mark unhold containerd.io kubeadm kubectl"]);
    });
});
