import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openingRows } from "../../components/host/openings";
import { controlPlaneConfig } from "../../components/cluster/kubeadm";
import { controlPlaneParameters, kubernetesParameters } from "../../components/cluster/desiredState";
import { firewallChecks, firewallParameters } from "../../components/host/firewall";
import { resolveFirewall } from "../../components/model/firewall";
import { ScriptParameters } from "../../components/host/contract";
import { resolveSettings } from "../../components/model/cluster";
import { clusterArgs, node, resolvedNode } from "../unit/fixtures";
import { releaseOf, ROLLOUT } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

const KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\ntest\n-----END PGP PUBLIC KEY BLOCK-----";
const repository = { uri: "http://192.0.2.2/packages", suite: "/", key: KEY };
const settings = resolveSettings(clusterArgs({ sources: { kubernetes: repository, containerd: repository } }));
const [cp1] = settings.controlPlaneNodes;
const controlPlane: ScriptParameters = {
    ...kubernetesParameters(settings, cp1, controlPlaneConfig),
    ...controlPlaneParameters(settings, cp1),
    ...{ ROLE: "control-plane", NODE_NAME: "cp1", NODE_ADDRESS: "192.0.2.11" },
    CLUSTER_ID: "this-cluster",
};

const lb1 = node("lb1", 11);
/** A host that balances nothing: its firewall is all there is to it. */
const withPorts = (...ports: number[]): ScriptParameters => ({
    ...{ ROLE: "load-balancer", NODE_NAME: "lb1", NODE_ADDRESS: "192.0.2.11" },
    ...{ CLUSTER_ID: "this-cluster", LOAD_BALANCER: [] },
    ...firewallParameters(
        resolveFirewall(),
        resolvedNode(lb1),
        ports.map((port) => ({ protocol: "tcp", port, from: port === 10250 ? "hosts" : "any" })),
    ),
});
const RESET = releaseOf(withPorts());
const checks = {
    ...PREFLIGHT,
    ...firewallChecks(resolveFirewall(), resolvedNode(lb1), { network: settings.network, vrrp: true }),
};

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.write("etc/default/ufw", "IPV6=yes\n");
    host.write("etc/firewalld/firewalld.conf", "DefaultZone=public\n");
});
afterEach(() => host.remove());

const turnOn = (firewall: string) => host.write(`fake/active-${firewall}`, "");
const turnOff = (firewall: string) => host.exec(["rm", `/fake/active-${firewall}`]);
const firewallCalls = () => host.calls().filter((call) => /^(ufw|firewall-cmd)/.test(call));
const ufwRules = () => host.read("fake/ufw").split("\n").filter(Boolean);
const openPorts = (firewall: string): string[] => {
    const file = firewall === "ufw" ? "fake/ufw" : "fake/firewalld/pulumi-kube-host.xml";
    const lines = host.exists(file) ? host.read(file).split("\n") : [];
    return lines.flatMap((line) => /(?:port port="|allow |any port )(\d+)/.exec(line)?.[1] ?? []).sort();
};

describe.each(["ufw", "firewalld"])("%s", (firewall) => {
    beforeEach(() => turnOn(firewall));

    it("lets in what the role needs, and a second run changes nothing", () => {
        host.ok("prepare", "create", withPorts(6443, 10250));
        expect(openPorts(firewall)).toEqual(["10250", "6443"]);
        host.calls();
        host.ok("node", "create", {});
        host.ok("prepare", "update", withPorts(6443, 10250));
        host.ok("node", "update", { NODE_NAME: "lb1" });
        expect(firewallCalls()).toEqual([]);
    });

    it("killed in the middle, it finishes the job on the next run", async () => {
        const call = firewall === "ufw" ? /ufw allow/ : /firewall-cmd --reload/;
        await host.runAndKillAt(call, "prepare", "create", withPorts(6443, 8443, 10250));
        host.ok("prepare", "create", withPorts(6443, 8443, 10250));
        expect(openPorts(firewall)).toEqual(["10250", "6443", "8443"]);
    });

    it("on a live host opens first, and closes in the rollout", () => {
        host.ok("prepare", "create", withPorts(6443));
        host.ok("node", "create", {});
        host.calls();
        host.ok("prepare", "update", withPorts(8443));
        expect(openPorts(firewall)).toEqual(["6443", "8443"]);
        host.ok("node", "update", { NODE_NAME: "lb1" });
        expect(openPorts(firewall)).toEqual(["8443"]);
        // A reload would take kube-proxy's rules away.
        expect(firewallCalls().join()).not.toContain("--reload");
    });

    it("takes back what was opened with a release, killed in the middle and run again", async () => {
        host.ok("prepare", "create", withPorts(6443, 10250));
        host.calls();
        await host.runAndKillAt(/ufw delete|--reload/, "release", "delete", RESET);
        host.ok("release", "delete", RESET);
        expect(openPorts(firewall)).toEqual([]);
        expect(host.exists("etc/firewalld/policies/pulumi-kube-host.xml")).toBe(false);
    });

    it("takes it back when the firewall was turned off meanwhile", () => {
        host.ok("prepare", "create", withPorts(6443));
        turnOff(firewall);
        host.ok("release", "delete", RESET);
        expect(host.exists("etc/firewalld/policies/pulumi-kube-host.xml")).toBe(false);
        if (firewall === "ufw") expect(ufwRules()).toEqual([]);
    });

    it("closes what was opened when the mode becomes none", () => {
        host.ok("prepare", "create", withPorts(6443));
        host.ok("prepare", "update", { ...withPorts(6443), FIREWALL: "none" });
        host.ok("node", "update", { NODE_NAME: "lb1" });
        expect(openPorts(firewall)).toEqual([]);
    });

    it("is left alone while it is not active", () => {
        turnOff(firewall);
        host.ok("prepare", "create", withPorts(6443));
        expect(firewallCalls()).toEqual([]);
        expect(host.exists("etc/firewalld/policies")).toBe(false);
    });

    it("has all that a control plane node needs", async () => {
        host.ok("prepare", "create", controlPlane);
        const files = ["policies/pulumi-kube-host.xml", "policies/pulumi-kube-pods.xml", "zones/pulumi-kube-net.xml"];
        const text =
            firewall === "ufw"
                ? host.read("fake/ufw")
                : files.map((file) => `# ${file}\n${host.read(`etc/firewalld/${file}`)}`).join("");
        await expect(text).toMatchFileSnapshot(`../golden/firewall-${firewall}.txt`);
    });

    it("is told by preflight, with the network that it takes for the nodes'", () => {
        const { code, stdout, stderr } = host.run("preflight", "create", checks);
        expect(code, stderr).toBe(0);
        expect(stderr).toContain(`firewall: ${firewall} is active`);
        expect(JSON.parse(stdout)).toMatchObject({ firewall, nodeNetworks: "192.0.2.0/24" });
        expect(firewallCalls()).toEqual([]);
    });
});

describe("a member that leaves etcd", () => {
    // The survivors remove it after the rollouts; until then their majority may need it.
    it("is let in for as long as etcd lists it", () => {
        const lists = (...lasts: number[]) =>
            host.write(
                "fake/etcd/192.0.2.11/list",
                JSON.stringify({
                    members: lasts.map((last) => ({
                        ID: String(last),
                        name: `cp${last - 10}`,
                        peerURLs: [`https://192.0.2.${last}:2380`],
                    })),
                }),
            );
        const rulesFor = (address: string) => ufwRules().filter((rule) => rule.includes(address)).length;
        turnOn("ufw");
        host.ok("prepare", "create", controlPlane);
        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        host.write("var/lib/pulumi-kubeadm/applied", `${String(controlPlane.ROLLOUT_DIGEST)}\n`);
        host.write("fake/bound", "");
        const two = resolveSettings(clusterArgs({ controlPlaneNodes: settings.controlPlaneNodes.slice(0, 2) }));
        const without = { ...controlPlane, ...controlPlaneParameters(two, cp1) };
        lists(11, 12, 13);
        host.ok("prepare", "update", without);
        host.ok("node", "update", ROLLOUT);
        // Not for VRRP any more.
        expect(rulesFor("192.0.2.13 ")).toBe(2);
        lists(11, 12);
        host.ok("prepare", "update", { ...without, CERT_SANS: ["another"] });
        host.ok("node", "update", ROLLOUT);
        expect(rulesFor("192.0.2.13 ")).toBe(0);
        expect(rulesFor("192.0.2.12 ")).toBe(3);
    });

    it("is let in by who joins in its place: it may be the leader", () => {
        const members = [12, 13, 14].map((last) => ({
            ...{ ID: String(last), name: `cp${last - 10}`, peerURLs: [`https://192.0.2.${last}:2380`] },
        }));
        host.write("fake/etcd/192.0.2.12/list", JSON.stringify({ members }));
        host.write("fake/etcd/192.0.2.12/add", "{}");
        turnOn("ufw");
        const script = `
            set -euo pipefail
            PHASE=test ACTION=create PATH=/usr/local/sbin:$PATH
            for f in /toolkit/lib/{core,host,etcd,load-balancer,cluster}/*.sh; do . "$f"; done
            NODE_NAME=cp1 ETCD_RUNTIME=kubeadm ETCD_NAME=cp1 ETCD_ADDRESS=192.0.2.11
            ETCD_PEERS=(cp2=192.0.2.12 cp3=192.0.2.13) FIREWALL=auto FIREWALL_ADDRESSES=(192.0.2.11)
            set_defaults
            etcd_choose_join_mode /var/lib/etcd`;
        host.exec(["/bin/bash", "-c", script]);
        expect(ufwRules()).toEqual(
            [2379, 2380].map(
                (port) => `ufw allow from 192.0.2.14 to any port ${port} proto tcp comment 'pulumi-kubeadm'`,
            ),
        );
    });
});

describe("ufw's rules of the administrator's", () => {
    beforeEach(() => turnOn("ufw"));

    it("stay, also those that say the same", () => {
        const own = ["ufw allow 22/tcp", "ufw allow 6443/tcp comment 'the API'", "ufw deny from 203.0.113.0/24"];
        host.write("fake/ufw", `${own.join("\n")}\n`);
        host.ok("prepare", "create", withPorts(6443, 8443));
        expect(ufwRules()).toEqual([...own, "ufw allow 8443/tcp comment 'pulumi-kubeadm'"]);
        host.ok("release", "delete", RESET);
        expect(ufwRules()).toEqual(own);
    });

    it("are not turned into their contrary", () => {
        host.write("fake/ufw", "ufw deny 6443/tcp\n");
        const { code, stderr } = host.run("prepare", "create", withPorts(6443));
        expect(code).not.toBe(0);
        expect(stderr).toContain("got this host's own rule 'deny 6443/tcp', expected no such rule");
        expect(ufwRules()).toEqual(["ufw deny 6443/tcp"]);
    });

    it("of IPv6 are not asked of a ufw that leaves IPv6 alone", () => {
        host.write("etc/default/ufw", "IPV6=no\n");
        const openings = openingRows([{ protocol: "tcp", port: 2379, from: ["2001:db8::12", "192.0.2.12"] }]);
        host.ok("prepare", "create", { ...withPorts(), FIREWALL_OPENINGS: openings });
        expect(ufwRules()).toEqual(["ufw allow from 192.0.2.12 to any port 2379 proto tcp comment 'pulumi-kubeadm'"]);
    });
});

describe("Calico's IP-in-IP", () => {
    const ipip = { ...withPorts(), FIREWALL_OPENINGS: openingRows([{ protocol: "ipip", from: "hosts" }]) };

    it("is let in by firewalld by its number, from the nodes' network alone", () => {
        turnOn("firewalld");
        host.ok("prepare", "create", ipip);
        const rule = 'rule family="ipv4" source address="192.0.2.0/24" protocol value="4" accept\n';
        expect(host.read("fake/firewalld/pulumi-kube-host.xml")).toBe(rule);
        expect(host.read("etc/firewalld/policies/pulumi-kube-host.xml")).toContain('<protocol value="4"/><accept/>');
        host.ok("node", "create", {});
        host.ok("prepare", "update", withPorts());
        host.ok("node", "update", { NODE_NAME: "lb1" });
        expect(host.read("fake/firewalld/pulumi-kube-host.xml")).toBe("");
    });

    it("needs no rule of ufw, which has none for it", () => {
        turnOn("ufw");
        host.ok("prepare", "create", ipip);
        expect(firewallCalls()).toEqual([]);
    });
});

describe("rules that firewalld has for the moment alone", () => {
    it("are not lost with a reload: ours are made empty instead", () => {
        turnOn("firewalld");
        host.ok("prepare", "create", { ...withPorts(6443), FIREWALL_NETWORKS: ["10.244.0.0/16"] });
        host.write("fake/firewalld-ports", "7777/tcp");
        host.calls();
        expect(host.ok("release", "delete", RESET)).toContain("firewalld: did not reload");
        expect(firewallCalls().join()).not.toContain("--reload");
        expect(openPorts("firewalld")).toEqual([]);
        expect(host.read("fake/firewalld/sources")).toBe("");
    });
});

describe("preflight refuses", () => {
    const refusal = (): string => {
        const { code, stderr } = host.run("preflight", "create", checks);
        expect(code).not.toBe(0);
        return stderr;
    };

    it("two firewalls at once", () => {
        turnOn("ufw");
        turnOn("firewalld");
        expect(refusal()).toContain("firewall: got firewalld and ufw both active, expected one of them");
    });

    it("a ufw that knows no VRRP where keepalived needs it, or lets nothing out", () => {
        turnOn("ufw");
        host.write("fake/old-ufw", "");
        host.write("etc/default/ufw", 'IPV6=yes\nDEFAULT_OUTPUT_POLICY="DROP"\n');
        const said = refusal();
        expect(said).toContain("expected version 0.36.2 or later");
        expect(said).toContain("expected 'ufw default allow outgoing'");
    });

    it("pods' addresses in another of firewalld's zones, and rules that a reload would lose", () => {
        turnOn("firewalld");
        host.write("fake/trusted", "10.244.0.0/16");
        host.write("fake/firewalld-ports", "7777/tcp");
        const said = refusal();
        expect(said).toContain("got 10.244.0.0/16 in firewalld's zone 'trusted', expected it in no zone");
        expect(said).toContain("firewalld has rules that are not permanent");
    });

    it("a host on no network, where none is given", () => {
        turnOn("ufw");
        const alone = { ...checks, FIREWALL_ADDRESSES: ["198.51.100.1"] };
        expect(host.run("preflight", "create", alone).stderr).toContain("firewall.hostSubnets: got none");
    });
});
