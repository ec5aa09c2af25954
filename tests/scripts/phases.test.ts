import { readlinkSync } from "fs";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
    BOOTSTRAP as bootstrap,
    controlPlaneDesired,
    releaseOf,
    sandboxWithMember,
    secretsOf,
    workerDesired,
} from "./desired";
import { changes } from "./preflight";
import type { Sandbox } from "./sandbox";

const desired = controlPlaneDesired();
const release = releaseOf(desired);
let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
});
afterEach(() => host.remove());

describe("prepare", () => {
    it("installs pinned versions, and a second run calls for nothing", () => {
        host.ok("prepare", "create", desired);
        const install = host.calls().find((call) => call.startsWith("apt-get") && call.includes(" install "));
        for (const name of ["kubeadm=1.36.3-*", "kubelet=1.36.3-*", "containerd.io", "haproxy", "keepalived"]) {
            expect(install).toContain(name);
        }
        expect(host.read("etc/apt/sources.list.d/kubernetes.list")).toBe(
            "deb [signed-by=/etc/apt/keyrings/kubernetes.asc] http://192.0.2.2/packages /\n",
        );
        expect(host.read("etc/keepalived/keepalived.conf")).toContain("interface eth0");

        host.ok("prepare", "update", desired);
        const again = changes(host.calls()).filter(
            (call) => !/apt-mark hold|modprobe|sysctl|haproxy -c|config images list|crictl .*pull/.test(call),
        );
        expect(again).toEqual([]);
    });

    it("tells containerd of mirrors, their CAs and logins, and keeps the logins to root", () => {
        const own = {
            REGISTRIES: ["docker.io https://mirror:5000", "registry.example.com https://registry.example.com"],
            REGISTRY_CAS: [`mirror:5000 ${Buffer.from("THE CA").toString("base64")}`],
        };
        const logins = { SECRETS: "first", REGISTRY_LOGINS: ["registry.example.com dXNlcjpTRUNSRVQ="] };
        host.ok("secrets", "create", secretsOf(desired, logins));
        const said = host.ok("prepare", "create", { ...desired, ...own, SECRETS: "first" });
        expect(said).not.toContain("dXNlcjpTRUNSRVQ=");
        const at = "etc/containerd/certs.d";
        expect(host.read(`${at}/docker.io/hosts.toml`)).toBe(
            'server = "https://docker.io"\n\n[host."https://mirror:5000"]\n  capabilities = ["pull", "resolve"]\n' +
                '  ca = "/etc/containerd/certs.d/mirror:5000/ca.crt"\n',
        );
        expect(host.read(`${at}/mirror:5000/ca.crt`)).toBe("THE CA");
        expect(host.read(`${at}/registry.example.com/hosts.toml`)).toContain(
            '[host."https://registry.example.com".header]\n    authorization = "Basic dXNlcjpTRUNSRVQ="',
        );
        expect(host.mode(`${at}/registry.example.com/hosts.toml`)).toBe("600");
    });

    it("fetches through a proxy, and leaves the cluster's own traffic alone", () => {
        const proxy = { PROXY_HTTP: "http://192.0.2.3:3128", PROXY_HTTPS: "", PROXY_NONE: "localhost,10.96.0.0/12" };
        const { code, stderr } = host.run("prepare", "create", { ...desired, ...proxy });
        expect(code, stderr).toBe(0);
        expect(host.calls()).toContainEqual(
            expect.stringMatching(/^apt-get .*install.* through http:\/\/192.0.2.3:3128$/),
        );
        expect(host.read("etc/systemd/system/containerd.service.d/proxy.conf")).toContain(
            '"HTTP_PROXY=http://192.0.2.3:3128" "HTTPS_PROXY=" "NO_PROXY=localhost,10.96.0.0/12"',
        );
        host.ok("prepare", "update", desired);
        expect(host.exists("etc/systemd/system/containerd.service.d/proxy.conf")).toBe(false);
    });

    it("killed in the middle, it finishes the job on the next run", async () => {
        await host.runAndKillAt(/apt-get.* install /, "prepare", "create", desired);
        expect(host.exists("etc/haproxy/haproxy.cfg")).toBe(false);
        host.ok("prepare", "create", desired);
        expect(host.exists("etc/haproxy/haproxy.cfg")).toBe(true);
    });
});

describe("bootstrap of a control plane node", () => {
    beforeEach(() => host.ok("prepare", "create", desired));

    it("starts etcd from the static cluster, lets root alone read keys and state, and prints no secret", () => {
        const printed = host.ok("node", "create", bootstrap);
        expect(printed).not.toContain("SECRET-KEY");
        expect(host.read("etc/kubernetes/manifests/etcd.yaml")).toContain(
            "--initial-cluster=cp1=https://192.0.2.11:2380,cp2=https://192.0.2.12:2380,cp3=https://192.0.2.13:2380",
        );
        expect(host.read("etc/kubernetes/pki/ca.key")).toBe("CA SECRET-KEY\n");
        for (const key of ["ca", "front-proxy-ca", "etcd/ca", "sa"]) {
            expect(host.mode(`etc/kubernetes/pki/${key}.key`), key).toBe("600");
        }
        expect(host.mode("var/lib/pulumi-kubeadm")).toBe("700");
        expect(host.mode("var/lib/pulumi-kubeadm/desired.env")).toBe("600");
        expect(host.exists("etc/kubernetes/super-admin.conf")).toBe(false);
        expect(host.calls().filter((call) => /super-admin.*create clusterrolebinding/.test(call)).length).toBe(1);
        expect(host.read("var/lib/pulumi-kubeadm/joined")).toBe("this-cluster\n");
    });

    it("gives the kubelet a certificate that it can renew before it starts", () => {
        host.ok("node", "create", bootstrap);
        const folder = "/var/lib/kubelet/pki";
        const current = `${folder}/kubelet-client-current.pem`;
        expect(host.read("etc/kubernetes/kubelet.conf")).toBe(
            `    client-certificate: ${current}\n    client-key: ${current}\n`,
        );
        const pem = readlinkSync(path.join(host.root, current));
        expect(pem).toMatch(new RegExp(`^${folder}/kubelet-client-[-0-9]+\\.pem$`));
        expect(host.read(pem)).toBe("CERTIFICATE\nKEY\n");
        expect(host.mode(pem)).toBe("600");
    });

    it("on a node that is one already, it changes nothing", () => {
        host.ok("node", "create", bootstrap);
        host.calls();
        host.ok("node", "update", bootstrap);
        expect(changes(host.calls())).toEqual([]);
    });

    it.each([/makes certs/, /makes kubeconfig/, /makes etcd/, /makes kubelet-start/])(
        "killed at %s, it finishes the job on the next run",
        async (call) => {
            host.write("fake/slow", "");
            await host.runAndKillAt(call, "node", "create", bootstrap);
            expect(host.exists("var/lib/pulumi-kubeadm/joined")).toBe(false);
            host.ok("node", "create", bootstrap);
            expect(host.exists("var/lib/pulumi-kubeadm/joined")).toBe(true);
        },
    );
});

describe("bootstrap of a worker node", () => {
    const join = { NODE_NAME: "w1", PKI_CA_CERT: "CA CERTIFICATE", BOOTSTRAP_TOKEN: "SECRET-TOKEN" };

    it("waits until the former machine of its name is gone, says that it is there, and joins when it is not Ready", () => {
        host.ok("prepare", "create", workerDesired());
        host.write("fake/former", "True");
        host.hurry();
        host.calls();
        const { code, stderr } = host.run("node", "create", join);
        expect(code).toBe(1);
        expect(stderr).toContain("the Node w1 is Ready: another machine of that name is in the cluster. Power it off,");
        expect(host.calls().filter((call) => call.startsWith("kubeadm"))).toEqual([]);
        host.write("fake/former", "Unknown");
        host.ok("node", "update", join);
        expect(host.exists("var/lib/pulumi-kubeadm/joined")).toBe(true);
    });

    it("that kubeadm waits for in vain: the phase fails with what the kubelet said last", () => {
        host.ok("prepare", "create", workerDesired());
        host.write("fake/unjoinable", "");
        host.write("fake/journal-kubelet", "I1127 starting\nE1127 failed to run Kubelet: no cgroup\n");
        const { code, stderr } = host.run("node", "create", join);
        expect(code).toBe(1);
        expect(stderr).toContain(
            "The kubelet is not healthy after 4m0s\nkubelet: E1127 failed to run Kubelet: no cgroup\n",
        );
        host.exec(["rm", "/fake/unjoinable"]);
        host.ok("node", "update", join);
    });

    it("joins with its credentials, leaves none behind, and does so once", () => {
        host.ok("prepare", "create", workerDesired());
        expect(host.ok("node", "create", join)).not.toContain("SECRET-TOKEN");
        expect(host.exists("var/lib/pulumi-kubeadm/bootstrap-kubelet.conf")).toBe(false);
        host.calls();
        host.ok("node", "update", join);
        expect(changes(host.calls())).toEqual([]);
    });
});

describe("release", () => {
    it("asks once more for pods that took longer than it was waited for", () => {
        host.ok("prepare", "create", desired);
        host.ok("node", "create", bootstrap);
        host.write("fake/pods", "web\n");
        host.write("fake/slow-pods", "");
        host.calls();
        host.ok("release", "delete", release);
        expect(host.calls().filter((call) => call.includes("rmp"))).toHaveLength(2);
        expect(host.exists("fake/pods")).toBe(false);
    });

    it("takes a killed DNS cache's rules, and leaves a firewall's", () => {
        const ours = [
            "-A PREROUTING -d 169.254.20.10/32 -p udp -m udp --dport 53 -j CT --notrack",
            "-A OUTPUT -s 10.96.0.10/32 -p tcp -m tcp --sport 53 -j ACCEPT",
        ];
        const theirs = ["-A INPUT -d 169.254.20.100/32 -p tcp -j ACCEPT", "-A INPUT -p tcp --dport 53 -j DROP"];
        host.ok("prepare", "create", controlPlaneDesired({ coreDns: { nodeLocalCache: {} } }));
        host.write("fake/rules", [...ours, ...theirs, ""].join("\n"));
        host.ok("release", "delete", release);
        expect(host.read("fake/restored")).toBe([...theirs, ""].join("\n"));
    });

    it("knows what an installation added whose run was killed before it was recorded", () => {
        const [record, unrecorded] = ["packages-installed", "packages-unrecorded"].map(
            (name) => `var/lib/pulumi-kubeadm/${name}`,
        );
        host.ok("prepare", "create", desired);
        host.write(record, "jq\n");
        // The second entry was cut in the middle of a line.
        host.write(
            unrecorded,
            "\nStart-Date: 2026-11-28  07:02:31\nInstall: libjq1:amd64 (1.6-2.1+deb12u1, automatic), kubelet:amd64 (1.36.3-1.1)\n" +
                "Upgrade: curl:amd64 (7.88.1-10, 7.88.1-11)\nEnd-Date: 2026-11-28  07:02:43\n\nInstall: ipset:amd64 (7.1",
        );
        host.ok("prepare", "create", desired);
        expect(host.exists(unrecorded)).toBe(false);
        expect(host.read(record)).toBe("ipset\njq\nkubelet\nlibjq1\n");
    });

    it("takes back what was made here, twice over, and leaves another cluster's host alone", () => {
        host.ok("prepare", "create", desired);
        host.ok("node", "create", bootstrap);
        host.calls();
        host.write("var/lib/pulumi-kubeadm/joined", "another-cluster\n");
        expect(host.ok("release", "delete", release)).toContain("left as it is");
        expect(host.calls().filter((call) => !call.includes("is-active"))).toEqual([]);

        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        host.ok("release", "delete", release);
        const purged = host.calls().find((call) => call.includes(" purge "));
        for (const name of ["kubelet", "containerd.io", "haproxy"]) expect(purged).toContain(name);
        for (const file of [
            "etc/kubernetes",
            "etc/containerd",
            "var/lib/pulumi-kubeadm",
            "etc/apt/sources.list.d/kubernetes.list",
            "toolkit",
        ]) {
            expect(host.exists(file), file).toBe(false);
        }
    });
});
