import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OsFamily } from "../../components/model/osFamily";
import { controlPlaneDesired, KEY, releaseOf, workerDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

/** A host of the RHEL family, as far as fakes of its commands go: no such host could be run for these tests. */
const repository = { uri: "http://192.0.2.2/rpm/$basearch", key: KEY };
const ofRedHat = { osFamily: OsFamily.RedHat, sources: { kubernetes: repository, containerd: repository } };
const desired = controlPlaneDesired(ofRedHat);

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.write("etc/os-release", 'ID="rocky"\nVERSION_ID="9.5"\nID_LIKE="rhel centos fedora"\n');
    host.write("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n");
    host.write("fake/selinux", "Enforcing");
    host.write("fake/packages", "bash 5.1\n");
});
afterEach(() => host.remove());

describe("a host of the RHEL family", () => {
    it("gets its packages from rpm repositories, in dnf's words, and keeps them from upgrades", () => {
        host.ok("prepare", "create", desired);
        const install = host.calls().find((call) => call.startsWith("dnf") && call.includes(" install "));
        for (const name of ["kubeadm-1.36.3-*", "containerd.io", "haproxy", "keepalived"]) {
            expect(install).toContain(` ${name}`);
        }
        expect(host.read("etc/yum.repos.d/kubernetes.repo")).toContain(
            "baseurl=http://192.0.2.2/rpm/$basearch\nenabled=1\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/kubernetes.asc\nexclude=kubelet kubeadm",
        );
        expect(host.exists("etc/apt/sources.list.d/kubernetes.list")).toBe(false);

        host.ok("prepare", "update", desired);
        expect(host.calls().filter((call) => call.startsWith("dnf"))).toEqual([]);
    });

    it("has another version fetched before it is installed", () => {
        host.ok("prepare", "create", workerDesired(ofRedHat));
        host.ok("node", "create", { NODE_NAME: "w1", PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" });
        host.ok("prepare", "update", workerDesired({ ...ofRedHat, kubernetesVersion: "1.36.4" }));
        host.calls();
        host.ok("node", "update", { NODE_NAME: "w1" });
        const [fetch, install] = host.calls().filter((call) => call.startsWith("dnf"));
        expect(fetch).toMatch(/ install .*--downloadonly .*kubeadm-1\.36\.4-\*/);
        expect(install).toMatch(/ install (?!.*--downloadonly).* kubeadm-1\.36\.4-\*/);
    });

    it("has SELinux permissive, once", () => {
        expect(host.ok("prepare", "create", desired)).toContain("SELinux: setting it to permissive");
        expect(host.read("etc/selinux/config")).toBe("SELINUX=permissive\nSELINUXTYPE=targeted\n");
        host.calls();
        host.ok("prepare", "update", desired);
        expect(host.calls().filter((call) => call.startsWith("setenforce"))).toEqual([]);
    });

    it("has SELinux permissive after the next boot too, where somebody or a run that was killed made it so for now", () => {
        host.write("fake/selinux", "Permissive");
        host.ok("prepare", "create", desired);
        expect(host.read("etc/selinux/config")).toContain("SELINUX=permissive");
        host.ok("release", "delete", releaseOf(desired));
        expect(host.read("etc/selinux/config")).toContain("SELINUX=enforcing");
        expect(host.calls().filter((call) => call.startsWith("setenforce"))).toEqual([]);
    });

    it("keeps what a package of others needs by now, and what that one needs", () => {
        host.ok("prepare", "create", desired);
        host.write("fake/packages", `${host.read("fake/packages")}yq 3.0\n`);
        host.write("fake/needs", "yq jq\njq curl\n");
        host.ok("release", "delete", releaseOf(desired));
        expect(
            host
                .read("fake/packages")
                .split("\n")
                .map((line) => line.split(" ")[0]),
        ).toEqual(expect.arrayContaining(["jq", "curl", "yq"]));
        expect(host.read("fake/packages")).not.toContain("kubelet");
    });

    it("is given back: packages, of which one needs another, repositories, SELinux", () => {
        host.ok("prepare", "create", desired);
        host.write("fake/needs", "kubeadm kubelet\n");
        host.ok("release", "delete", releaseOf(desired));
        expect(host.read("fake/packages")).toBe("bash 5.1\n");
        expect(host.exists("etc/yum.repos.d/kubernetes.repo")).toBe(false);
        expect(host.exists("etc/pki/rpm-gpg/kubernetes.asc")).toBe(false);
        expect(host.read("etc/selinux/config")).toContain("SELINUX=enforcing");
    });

    it("is given back with the packages of an installation that was cut", async () => {
        await host.runAndKillAt(/dnf.* install /, "prepare", "create", desired);
        host.write("fake/packages", `${host.read("fake/packages")}kubelet 1.36.3\n`);
        host.ok("release", "delete", releaseOf(desired));
        expect(host.read("fake/packages")).toBe("bash 5.1\n");
    });

    it("is refused by its preflight when the program takes it for another", () => {
        const { code, stderr } = host.run("preflight", "create", PREFLIGHT);
        expect(code).toBe(1);
        expect(stderr).toContain("osFamily: got 'debian' for a host of 'rocky 9.5', expected 'redhat'");
        expect(host.run("preflight", "create", { ...PREFLIGHT, OS_FAMILY: "redhat" }).code).toBe(0);
    });

    it("keeps a load balancer's configuration that somebody wrote, and may replace the packager's", () => {
        const found = () =>
            host.run("preflight", "create", { ...PREFLIGHT, OS_FAMILY: "redhat", LOAD_BALANCER: ["haproxy"] }).stderr;
        host.write("etc/haproxy/haproxy.cfg", "theirs\n");
        expect(found()).not.toContain("foreign-configuration");
        host.write("fake/differences", "S.5....T.  c /etc/haproxy/haproxy.cfg\n");
        expect(found()).toContain("got /etc/haproxy/haproxy.cfg, which somebody wrote");
        host.write("fake/differences", ".......T.  c /etc/haproxy/haproxy.cfg\nS.5....T.  c /etc/other\n");
        expect(found()).not.toContain("foreign-configuration");
        host.write("fake/unowned", "");
        expect(found()).toContain("got /etc/haproxy/haproxy.cfg, which somebody wrote");
    });
});
