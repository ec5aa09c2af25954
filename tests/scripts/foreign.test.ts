import { createHash } from "crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { controlPlaneDesired, releaseOf, workerDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

/** What preflight finds on a new host, as `check: found`. */
function found(more: ScriptParameters = {}): string[] {
    const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...more });
    const rows = [...stderr.matchAll(/^ {2}cp1 +([a-z-]+) +(.*)$/gm)].map(([, check, text]) => `${check}: ${text}`);
    expect(code, stderr).toBe(rows.length > 0 ? 1 : 0);
    return rows;
}

describe("what others left on a new host", () => {
    const NODE = { INSTALLS_CNI: true, INSTALLS_CONTAINERD: true };

    it("configuration and interfaces of another CNI plugin are named, unless the user brings the plugin", () => {
        for (const file of ["05-cilium.conflist", "87-podman-bridge.conflist", "README"]) {
            host.write(`etc/cni/net.d/${file}`, "{}");
        }
        for (const link of ["cni0", "flannel.1", "cali0123", "eth1", "tunl0"]) {
            host.write(`sys/class/net/${link}/address`, "");
        }
        expect(found(NODE)).toEqual([
            "cni: got /etc/cni/net.d/05-cilium.conflist, expected no configuration of another CNI plugin",
            "cni: got /etc/cni/net.d/87-podman-bridge.conflist, expected no configuration of another CNI plugin",
            ...["cali0123", "cni0", "flannel.1"].map(
                (link) => `cni: got the network interface ${link} of a former cluster, expected none`,
            ),
        ]);
        expect(found()).toEqual([]);
    });

    it("running containers and Docker keep a node from becoming one", () => {
        host.write("fake/processes", "/usr/bin/containerd-shim-runc-v2 -namespace moby -id 1\n");
        host.write("fake/active-docker", "");
        expect(found(NODE).map((row) => row.slice(0, 50))).toEqual([
            "container-runtime: got running containers in conta",
            "container-runtime: got Docker, expected none, beca",
        ]);
        expect(found()).toEqual([]);
    });

    it.each([
        ["haproxy", "etc/haproxy/haproxy.cfg"],
        ["nginx", "etc/nginx/nginx.conf"],
        ["keepalived", "etc/keepalived/keepalived.conf"],
        ["lvs", "etc/keepalived/keepalived.conf"],
    ])("a configuration of %s that somebody wrote is kept, the distribution's own may be replaced", (part, file) => {
        host.write(file, "theirs\n");
        const parts = { LOAD_BALANCER: [part] };
        const fault = `foreign-configuration: got /${file}, which somebody wrote, expected none, because ${part} may serve nothing but the cluster on this host`;
        expect(found(parts)).toEqual([fault]);
        host.write(
            "fake/conffiles",
            ` /etc/other 0123\n /${file} ${createHash("md5").update("theirs\n").digest("hex")}\n`,
        );
        expect(found(parts)).toEqual([]);
        host.write(file, "changed\n");
        expect(found(parts)).toEqual([fault]);
        expect(found()).toEqual([]);
    });

    it("sites that a packaged nginx serves are kept too", () => {
        for (const file of ["conf.d/shop.conf", "sites-enabled/blog", "sites-enabled/default"]) {
            host.write(`etc/nginx/${file}`, "server {}\n");
        }
        expect(found({ LOAD_BALANCER: ["nginx"] }).map((row) => row.slice(0, 70))).toEqual(
            [
                "foreign-configuration: got /etc/nginx/conf.d/shop.conf, which somebody ",
                "foreign-configuration: got /etc/nginx/sites-enabled/blog, which somebod",
            ].map((row) => row.slice(0, 70)),
        );
        expect(found({ LOAD_BALANCER: ["haproxy"] })).toEqual([]);
    });

    it("flags of the kubelet in its package's file are named", () => {
        for (const text of ["", "KUBELET_EXTRA_ARGS=\n", 'KUBELET_EXTRA_ARGS=""\n', "# KUBELET_EXTRA_ARGS=--a\n"]) {
            host.write("etc/default/kubelet", text);
            expect(found(), text).toEqual([]);
        }
        host.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--node-ip=192.0.2.21\n");
        expect(found()).toEqual([
            "foreign-configuration: got KUBELET_EXTRA_ARGS in /etc/default/kubelet, expected none, because these flags override the program's",
        ]);
    });

    describe("in drop-ins of services", () => {
        const folder = "etc/systemd/system";
        const dropIn = (file: string) => host.write(`${folder}/${file}`, "[Service]\nNice=5\n");
        const told = (more: ScriptParameters) =>
            host
                .run("preflight", "create", { ...PREFLIGHT, ...NODE, ...more })
                .stderr.match(/got \S+service\.d\S+, .*/g);

        it("is warned of, and the kubelet's flags are a fault", () => {
            host.write(
                `${folder}/kubelet.service.d/20-flags.conf`,
                '[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--v=9"\n',
            );
            for (const file of ["containerd.service.d/http-proxy.conf", "keepalived.service.d/nice.conf"]) dropIn(file);
            dropIn("etcd.service.d/nice.conf");
            expect(found()).toEqual([]);
            const { code, stderr } = host.run("preflight", "create", {
                ...{ ...PREFLIGHT, ...NODE },
                ...{ LOAD_BALANCER: ["lvs", "keepalived"], ETCD_LAYOUT: "stacked in /var/lib/etcd" },
            });
            expect(code).toBe(1);
            const [warnings, faults] = stderr.split("1 fault(s)");
            expect(warnings.match(/got .*/g)).toEqual(
                ["containerd.service.d/http-proxy", "keepalived.service.d/nice"].map(
                    (file) =>
                        `got /${folder}/${file}.conf, which somebody wrote; it changes how ${file.split(".")[0]} runs`,
                ),
            );
            expect(faults).toContain(
                `got KUBELET_EXTRA_ARGS in /${folder}/kubelet.service.d/20-flags.conf, expected none`,
            );
        });

        it("is a fault in a file of the program's name", () => {
            dropIn("containerd.service.d/proxy.conf");
            dropIn("kubelet.service.d/10-kubeadm.conf");
            const own = "which somebody wrote, expected none, because the program writes this file";
            const proxy = `got /${folder}/containerd.service.d/proxy.conf, ${own}`;
            const kubelet = `got /${folder}/kubelet.service.d/10-kubeadm.conf, which somebody wrote`;
            expect(told({})).toEqual([`${kubelet}; it changes how kubelet runs`, proxy]);
            expect(told({ STATIC_BINARIES: true, HOST_PACKAGES: false })).toEqual([
                proxy,
                `${kubelet}${own.slice(20)}`,
            ]);
        });

        it("stays after a release, and the program's own does not", () => {
            const files = ["30-theirs", "10-kubeadm", "20-standalone"].map((name) => `kubelet.service.d/${name}.conf`);
            for (const file of files) dropIn(file);
            host.ok("prepare", "create", workerDesired());
            host.ok("release", "delete", releaseOf(workerDesired()));
            expect(files.map((file) => host.exists(`${folder}/${file}`))).toEqual([true, true, false]);
        });
    });

    it("is not looked at once a step of ours has run", () => {
        host.ok("prepare", "create", workerDesired());
        host.write("etc/cni/net.d/10-flannel.conflist", "{}");
        host.write("fake/processes", "/usr/bin/containerd-shim-runc-v2 -id 1\n");
        const worker = { ...PREFLIGHT, ROLE: "worker", NODE_NAME: "w1", ...NODE };
        expect(host.run("preflight", "update", worker).code).toBe(0);
    });
});

describe("the virtual address", () => {
    const checks = {
        VIRTUAL_ADDRESS: "192.0.2.100",
        VIRTUAL_ADDRESS_HOSTS: ["192.0.2.11", "192.0.2.12"],
        ENDPOINT: "192.0.2.100:6443",
    };
    beforeEach(() => host.write("fake/down", "192.0.2.12\n"));
    const neighbour = (address: string, last: number, state = "REACHABLE") =>
        `${address} dev eth0 lladdr 52:54:00:00:00:${last} ${state} \n`;

    it("of another machine is refused, that of a host of this cluster is not", () => {
        expect(found(checks)).toEqual([]);
        host.write("fake/neighbours", neighbour("192.0.2.100", 66) + neighbour("192.0.2.12", 12));
        expect(found(checks)).toEqual([
            "virtual-address: loadBalancer.virtualAddress: got 192.0.2.100, which another machine has (52:54:00:00:00:66), expected a free address",
        ]);
        host.write("fake/neighbours", neighbour("192.0.2.100", 12) + neighbour("192.0.2.12", 12));
        expect(found(checks)).toEqual([]);
    });

    it("of a machine that leaves a live cluster is only warned of", () => {
        host.write("fake/neighbours", neighbour("192.0.2.100", 66));
        host.write("fake/down", "");
        const { code, stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...checks });
        expect(code, stderr).toBe(0);
        expect(stderr).toContain(
            "192.0.2.100 is held by a machine (52:54:00:00:00:66) that is not in the configuration",
        );
    });

    it("that only an old entry knows is free", () => {
        host.write("fake/neighbours", neighbour("192.0.2.100", 66, "STALE"));
        expect(found(checks)).toEqual([]);
    });
});

describe("the name servers that pods inherit", () => {
    it.each([
        ["nameserver 127.0.0.1\n", ["got the name server 127.0.0.1"]],
        ["nameserver ::1\nnameserver 192.0.2.53\n", ["got the name server ::1"]],
        ["search example.com\n", ["got no name server"]],
        ["nameserver 192.0.2.53\n", []],
    ])("%j", (text, texts) => {
        host.write("run/own.conf", text);
        expect(found({ RESOLV_CONF: "/run/own.conf" })).toEqual(
            texts.map((told) => expect.stringContaining(`resolver: /run/own.conf: ${told}, expected one`)),
        );
        expect(found()).toEqual([]);
    });

    it("are those of systemd-resolved where it runs, as kubeadm has it", () => {
        host.write("fake/active-systemd-resolved", "");
        host.write("run/systemd/resolve/resolv.conf", "nameserver 127.0.0.9\n");
        expect(found({ RESOLV_CONF: "" })).toEqual([
            expect.stringContaining("resolver: /run/systemd/resolve/resolv.conf: got"),
        ]);
    });
});

describe("apt", () => {
    it("that cannot read its sources is told before any host is changed", () => {
        host.write(
            "fake/unreadable-sources",
            "W: a warning\nE: Malformed entry 1 in list file /etc/apt/sources.list.d/x.list (Suite)\n",
        );
        expect(found()).toEqual([
            "package-manager: the package manager cannot read its repositories: Malformed entry 1 in list file /etc/apt/sources.list.d/x.list (Suite)",
        ]);
    });
});

describe("a configuration that was there before ours", () => {
    it("is not the program's own, where the code that prepared the host kept nothing", () => {
        host.ok("prepare", "create", workerDesired());
        host.exec([
            "rm",
            "-rf",
            "/var/lib/pulumi-kubeadm/kept-containerd",
            "/var/lib/pulumi-kubeadm/former-containerd",
        ]);
        host.ok("prepare", "update", workerDesired());
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(host.exists("etc/containerd")).toBe(false);
    });

    it("comes back with a release: lists of repositories, crictl's and other CNI plugins' files", () => {
        const theirs = [
            "etc/apt/sources.list.d/kubernetes.list",
            "etc/crictl.yaml",
            "etc/cni/net.d/87-podman-bridge.conflist",
        ];
        for (const file of [...theirs, "etc/systemd/system/containerd.service.d/limits.conf"]) {
            host.write(file, "theirs\n");
        }
        host.ok("prepare", "create", { ...workerDesired(), SETUP_PACKAGES: ["jq"] });
        host.ok("release", "delete", releaseOf(workerDesired()));
        for (const file of [...theirs, "etc/systemd/system/containerd.service.d/limits.conf"]) {
            expect(host.read(file), file).toBe("theirs\n");
        }
    });

    it("stays where a release that had put it back was killed", async () => {
        host.write("etc/containerd/config.toml", "theirs\n");
        host.write("etc/haproxy/haproxy.cfg", "theirs\n");
        host.ok("prepare", "create", controlPlaneDesired());
        await host.runAndKillAt(/apt-get .*purge/, "release", "delete", releaseOf(controlPlaneDesired()));
        host.calls();
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        expect(host.read("etc/haproxy/haproxy.cfg")).toBe("theirs\n");
        expect(host.read("etc/containerd/config.toml")).toBe("theirs\n");
    });

    it("comes back with a release: containerd's", () => {
        host.write("etc/containerd/config.toml", "theirs\n");
        host.ok("prepare", "create", workerDesired());
        expect(host.read("etc/containerd/config.toml")).toContain("version = 3");
        host.ok("prepare", "update", workerDesired());
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(host.read("etc/containerd/config.toml")).toBe("theirs\n");
    });

    it("comes back with its service: haproxy's, where preflight was told to warn only", () => {
        host.write("etc/haproxy/haproxy.cfg", "theirs\n");
        host.write("fake/active-haproxy", "");
        host.ok("prepare", "create", controlPlaneDesired());
        expect(host.read("etc/haproxy/haproxy.cfg")).toContain("kube");
        host.calls();
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        expect(host.read("etc/haproxy/haproxy.cfg")).toBe("theirs\n");
        expect(host.calls()).toContain("systemctl enable --now --quiet haproxy");
    });
});
