import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { Footprint, footprints } from "../footprint";
import { Config, devConfig, HOSTS, onHost, said, Stack } from "../stack";

/** Hosts as people have them, which preflight refuses before any host is changed: public reports. */
const APT = "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y";

/** haproxy for something else: a web server's front end. */
const HAPROXY = `defaults
    mode http
    timeout connect 5s
    timeout client 1m
    timeout server 1m
frontend web
    bind :80
    http-request return status 200 content-type text/plain string "somebody's"
`;
const ASK = "curl --silent --max-time 5 http://10.88.0.10/";
const VIRTUAL_ADDRESS = "10.88.0.100";

/** Installs a package without files. */
const installs = (name: string, version: string, depends = "") =>
    `d=$(mktemp -d) && install -d $d/DEBIAN && printf 'Package: ${name}\\nVersion: ${version}\\nArchitecture: all\\n${depends}` +
    `Maintainer: nobody\\nDescription: none\\n' >$d/DEBIAN/control && dpkg-deb --build $d $d.deb && dpkg --install $d.deb`;

const FAULTS: Record<string, { host: string; given: string; told: RegExp }> = {
    "haproxy that serves something else": {
        host: "lb1",
        given: `${APT} haproxy && cat >/etc/haproxy/haproxy.cfg && systemctl restart haproxy`,
        told: /lb1 +foreign-configuration +got \/etc\/haproxy\/haproxy\.cfg, which somebody wrote/,
    },
    "configuration of a CNI plugin that is gone": {
        host: "cp1",
        given: `install -d /etc/cni/net.d && echo '{"name":"cilium"}' >/etc/cni/net.d/05-cilium.conflist`,
        told: /cp1 +cni +got \/etc\/cni\/net\.d\/05-cilium\.conflist, expected no configuration of another CNI plugin\n.*to do: move it away/,
    },
    "an interface of a former cluster": {
        host: "w2",
        given: "ip link add cni0 type bridge && ip address add 10.244.77.1/24 dev cni0 && ip link set cni0 up",
        told: /w2 +cni +got the network interface cni0 of a former cluster/,
    },
    "name servers at the host's own loopback": {
        host: "cp2",
        given: "echo 'nameserver 127.0.0.1' >/etc/resolv.conf",
        told: /cp2 +resolver +\/etc\/resolv\.conf: got the name server 127\.0\.0\.1/,
    },
    "an entry that apt cannot read": {
        host: "cp3",
        given: "echo 'deb nowhere' >/etc/apt/sources.list.d/broken.list",
        told: /cp3 +package-manager +the package manager cannot read its repositories: .*broken\.list/,
    },
    "nftables without firewalld or ufw": {
        host: "w2",
        given:
            "nft add table inet filter && nft 'add chain inet filter input { type filter hook input priority filter; policy drop; }' && " +
            "nft add rule inet filter input tcp dport 22 accept && nft add rule inet filter input ct state established accept",
        told: /w2 +firewall +firewall: the chain 'input' \(input\) of nftables' table 'inet filter' drops what no rule accepts/,
    },
    "a network that takes smaller packets than the interface": {
        host: "cp3",
        given: "ip link set eth0 mtu 1400",
        told: /cp1 +mtu +got an MTU of 1500 on eth0, but a packet of that size does not reach cp3 \(10\.88\.0\.13\); 1400 bytes pass/,
    },
    "a kubelet of another version, which somebody holds": {
        host: "w2",
        given: `${installs("kubelet", "1.30.1-1.1")} && apt-mark hold kubelet`,
        told: /w2 +packages +kubelet: got 1\.30\.1-1\.1 and a hold on the package, expected [0-9.]+\n.*to do: apt-mark unhold kubelet/,
    },
    "a program that needs the distribution's containerd": {
        host: "cp1",
        given: `${installs("containerd", "1.6.20")} && ${installs("docker.io", "20.10.24", "Depends: containerd (>= 1.2)\\n")}`,
        told: /cp1 +packages +got docker\.io, expected none, because it needs the distribution's containerd/,
    },
    "a kubelet with flags from a drop-in": {
        host: "cp3",
        given:
            "install -d /etc/systemd/system/kubelet.service.d && " +
            "printf '[Service]\\nEnvironment=KUBELET_EXTRA_ARGS=--v=9\\n' >/etc/systemd/system/kubelet.service.d/20-flags.conf",
        told: /cp3 +foreign-configuration +got KUBELET_EXTRA_ARGS in \/etc\/systemd\/system\/kubelet\.service\.d\/20-flags\.conf/,
    },
    "a kubelet with flags from its package's file": {
        host: "w1",
        given: "echo KUBELET_EXTRA_ARGS=--node-ip=10.88.0.21 >/etc/default/kubelet",
        told: /w1 +foreign-configuration +got KUBELET_EXTRA_ARGS in \/etc\/default\/kubelet/,
    },
};

const withDedicatedBalancer = (config: Config): Config => ({
    ...config,
    loadBalancer: { placement: "dedicated", hosts: [{ name: "lb1", address: "10.88.0.10" }] },
});

/** The toolkit is copied before it looks at the host. */
const unchanged = (looked: Record<string, Footprint>) =>
    Object.entries(looked).map(([host, footprint]) => [host, { ...footprint, homes: "" }]);

describe("hosts that preflight refuses", () => {
    let before: Record<string, Footprint>;

    beforeAll(async () => {
        await lab.down();
        await lab.up({ hosts: HOSTS });
        for (const { host, given } of Object.values(FAULTS)) await onHost(host, given, HAPROXY);
        before = await footprints(HOSTS);
    });

    it("are all told by one up, and none is changed", async () => {
        const outcome = await new Stack(withDedicatedBalancer(devConfig())).up();
        expect(outcome.code).not.toBe(0);
        for (const [name, { told }] of Object.entries(FAULTS)) expect.soft(said(outcome), name).toMatch(told);
        expect(said(outcome)).not.toMatch(/unhandled exception|error serializing|\.js:\d+/);
        expect(await onHost("lb1", ASK)).toBe("somebody's");
        expect(unchanged(await footprints(HOSTS))).toEqual(unchanged(before));
    });

    it("a virtual address that another machine has is refused, and stays with it", async () => {
        await onHost("lb1", `ip address add ${VIRTUAL_ADDRESS}/24 dev eth0`);
        const outcome = await new Stack(devConfig()).up();
        expect(outcome.code).not.toBe(0);
        for (const host of ["cp1", "cp2", "cp3"]) {
            const told = `${host} +virtual-address +loadBalancer\\.virtualAddress: got ${VIRTUAL_ADDRESS}, which another machine has`;
            expect(said(outcome)).toMatch(new RegExp(told));
        }
        expect(said(outcome)).not.toMatch(/w1 +virtual-address/);
        const served = await lab.run(["curl", "--silent", "--max-time", "5", `http://${VIRTUAL_ADDRESS}/`]);
        expect(served.stdout).toBe("somebody's");
    });

    it("a filter that drops one port is told with both hosts, and looked at again as the message says", async () => {
        await lab.down();
        await lab.up({ hosts: HOSTS });
        await onHost(
            "cp2",
            "nft add table inet filter && nft 'add chain inet filter input { type filter hook input priority filter; }' && " +
                "nft add rule inet filter input tcp dport 2379 drop",
        );
        const stack = new Stack(devConfig());
        const outcome = await stack.up();
        expect(outcome.code).not.toBe(0);
        for (const [from, address] of [
            ["cp1", "10.88.0.11"],
            ["cp3", "10.88.0.13"],
        ]) {
            expect(said(outcome)).toContain(`from ${from} (${address}) to cp2 (10.88.0.12): TCP 2379`);
        }
        expect(await onHost("cp1", "ls /etc/kubernetes 2>/dev/null || true")).toBe("");
        await onHost("cp2", "nft delete table inet filter");
        const looks = [...said(outcome).matchAll(/--replace '(\S+)'/g)].flatMap(([, urn]) => ["--replace", urn]);
        expect(looks).toHaveLength(4);
        const again = await stack.up(...looks);
        expect(again.code, said(again)).toBe(0);
    });
});
