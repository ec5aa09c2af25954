import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { ETCD_DEFAULTS } from "../../components/model/etcdOptions";
import { clusterArgs, dedicatedArgs, node, resolvedNode } from "./fixtures";
import { controlPlaneParameters, workerParameters } from "../../components/cluster/desiredState";
import { preamble } from "../../components/host/contract";
import {
    balancerOpenings,
    controlPlaneOpenings,
    memberOpenings,
    nodeOpenings,
    openingRows,
} from "../../components/host/openings";
import { Checked, refuseUnreachableNodes } from "../../components/host/reachability";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { CniMode, CniPlugin } from "../../components/model/cni";
import { EtcdPlacement, EtcdTopology } from "../../components/model/etcd";
import { etcdClusterFaults } from "../../components/model/etcdCluster";
import { FirewallMode } from "../../components/model/firewall";
import { LoadBalancerPlacement as Placement, LoadBalancerType as Type } from "../../components/model/loadBalancerType";

const cp1 = node("cp1", 11);
const etcdHosts = [node("e1", 31), node("e2", 32), node("e3", 33)];
const virtualAddress = "192.0.2.100";

const ofControlPlane = (changes: Partial<KnownClusterArgs> = {}): string[] =>
    openingRows(controlPlaneOpenings(resolveSettings(clusterArgs(changes)), resolvedNode(cp1)));
const ofWorker = (changes: Partial<KnownClusterArgs> = {}): string[] =>
    openingRows(nodeOpenings(resolveSettings(clusterArgs(changes))));

const NODE = ["tcp 10250 hosts", "tcp 30000-32767 any", "udp 30000-32767 any"];

describe("what a worker lets in", () => {
    it("is the kubelet, the CNI plugin's port and NodePorts, and names no other node", () => {
        expect(ofWorker()).toEqual([...NODE, "udp 8472 hosts"]);
        const text = preamble(workerParameters(resolveSettings(clusterArgs()), resolvedNode(node("w1", 21))));
        expect(text).not.toMatch(/192\.0\.2\.(1[123]|22)\b/);
    });

    it.each([
        [CniPlugin.Flannel, CniMode.HostGateway, []],
        [CniPlugin.Calico, undefined, ["udp 4789 hosts"]],
        [CniPlugin.Calico, CniMode.Bgp, ["tcp 179 hosts"]],
        [CniPlugin.Calico, CniMode.Ipip, ["tcp 179 hosts", "ipip - hosts"]],
        [CniPlugin.Cilium, undefined, ["tcp 4240 hosts", "tcp 4244 hosts", "udp 8472 hosts"]],
        [CniPlugin.None, undefined, []],
    ])("with %s %s is what that asks for", (plugin, mode, expected) => {
        expect(ofWorker({ cni: { plugin, mode } }).sort()).toEqual([...NODE, ...expected].sort());
    });

    it("follows kube-apiserver's range of NodePorts, and may do without", () => {
        const range = (value: string) => ({ apiServer: { extraArgs: [{ name: "service-node-port-range", value }] } });
        expect(ofWorker(range("20000-20100"))).toContain("tcp 20000-20100 any");
        expect(ofWorker(range("20000+100"))).toContain("udp 20000-20100 any");
        expect(ofWorker({ firewall: { nodePorts: false } })).toEqual(["tcp 10250 hosts", "udp 8472 hosts"]);
    });
});

describe("what a control plane node lets in", () => {
    const member = ["12", "13"].flatMap((last) => [`tcp 2379 192.0.2.${last}`, `tcp 2380 192.0.2.${last}`]);
    const vrrp = ["vrrp - 192.0.2.12", "vrrp - 192.0.2.13"];

    it("is the API and the endpoint for all, etcd and VRRP for the other control plane nodes", () => {
        const expected = ["tcp 6443 any", "tcp 8443 any", ...member, ...vrrp, ...NODE, "udp 8472 hosts"];
        expect(ofControlPlane()).toEqual(expected.sort());
    });

    it("is no etcd where that has hosts of its own", () => {
        const external = { topology: EtcdTopology.External, hosts: etcdHosts };
        expect(ofControlPlane({ etcd: external }).join()).not.toMatch(/2379|2380/);
        const beside = { topology: EtcdTopology.External, placement: EtcdPlacement.ControlPlane };
        expect(ofControlPlane({ etcd: beside })).toEqual(expect.arrayContaining(member));
    });

    it("is what the balancer there asks for, and no more", () => {
        const kubeVip = ofControlPlane({ loadBalancer: { type: Type.KubeVip, virtualAddress } });
        expect(kubeVip.join()).not.toMatch(/8443|vrrp/);
        const keepalived = ofControlPlane({ loadBalancer: { type: Type.Keepalived, virtualAddress } });
        expect(keepalived).toEqual(expect.arrayContaining(vrrp));
        expect(keepalived).not.toContain("tcp 8443 any");
        const local = ofControlPlane({ loadBalancer: { placement: Placement.NodeLocal } });
        expect(local.join()).not.toMatch(/8443|vrrp/);
    });

    it("is kube-scheduler and kube-controller-manager only when they are told to listen there", () => {
        expect(ofControlPlane().join()).not.toMatch(/10257|10259/);
        const listening = { extraArgs: [{ name: "bind-address", value: "0.0.0.0" }] };
        const both = ofControlPlane({ scheduler: listening, controllerManager: listening });
        expect(both).toEqual(expect.arrayContaining(["tcp 10257 hosts", "tcp 10259 hosts"]));
    });
});

describe("what the other hosts let in", () => {
    it("a balancer's: its port, its page where it is not the host's own, VRRP between a pair", () => {
        const hosts = [node("lb1", 9), node("lb2", 10)];
        const stats = (address: string) => ({ proxy: { stats: { port: 9000, address } } });
        const ofPair = (options: object) =>
            openingRows(
                balancerOpenings(
                    resolveSettings(
                        dedicatedArgs({
                            loadBalancer: { placement: Placement.Dedicated, hosts, virtualAddress, ...options },
                        }),
                    ).loadBalancer,
                    resolvedNode(hosts[0]),
                ),
            );
        expect(ofPair({})).toEqual(["tcp 6443 any", "vrrp - 192.0.2.10"]);
        expect(ofPair({ type: Type.Lvs })).toEqual(ofPair({}));
        expect(ofPair(stats("0.0.0.0"))).toContain("tcp 9000 any");
        expect(ofPair({ proxy: { stats: { port: 9000 } } })).not.toContain("tcp 9000 any");
    });

    it("an etcd member's: its clients and its peers by address, metrics where they are asked for", () => {
        const members = etcdHosts.map(resolvedNode);
        const lines = (clients: string[] | "any", urls = ETCD_DEFAULTS.listenMetricsUrls) =>
            openingRows(memberOpenings(members, clients, urls, members[0]));
        expect(lines(["192.0.2.11"])).toEqual([
            "tcp 2379 192.0.2.11",
            "tcp 2379 192.0.2.32",
            "tcp 2379 192.0.2.33",
            "tcp 2380 192.0.2.32",
            "tcp 2380 192.0.2.33",
        ]);
        expect(lines("any")[0]).toBe("tcp 2379 any");
        expect(lines([], ["http://127.0.0.1:2381", "http://192.0.2.31:2382"])).toContain("tcp 2382 hosts");
        expect(lines([], ["http://127.0.0.1:2381", "http://[::1]:2381"]).join()).not.toContain("2381");
    });

    it("nothing is opened, and nothing said of it, with mode none", () => {
        const settings = resolveSettings(clusterArgs({ firewall: { mode: FirewallMode.None } }));
        const parameters = Object.entries(controlPlaneParameters(settings, resolvedNode(cp1)));
        expect(parameters.filter(([key]) => key.startsWith("FIREWALL"))).toEqual([["FIREWALL", "none"]]);
    });
});

describe("the option", () => {
    const told = (firewall: object, changes: Partial<KnownClusterArgs> = {}) =>
        clusterFaults(clusterArgs({ firewall, ...changes })).map((fault) => `${fault.propertyPath}: ${fault.reason}`);

    it.each([
        [{ mode: "on" }, 'firewall.mode: got "on", expected auto or none'],
        [{ hostSubnets: [] }, "firewall.hostSubnets: got a list, expected a list of networks, one or more"],
        [
            { hostSubnets: ["192.0.2.0/24", "192.0.2.1"] },
            "firewall.hostSubnets[1]: got \"192.0.2.1\", expected a network in CIDR form, e.g. '10.0.0.0/24'",
        ],
        [{ nodePorts: "no" }, 'firewall.nodePorts: got "no", expected true or false'],
        [
            { hostSubnets: ["192.0.2.0/28"] },
            'firewall.hostSubnets: got "192.0.2.0/28", expected networks that contain every node; none contains 192.0.2.21 (workerNodes[0])',
        ],
    ])("%j is refused", (firewall, expected) => {
        expect(told(firewall)).toContain(expected);
    });

    it("is taken when every node is in one of the networks", () => {
        expect(told({ hostSubnets: ["192.0.2.0/28", "192.0.2.16/28"], nodePorts: false })).toEqual([]);
    });

    it("of an etcd cluster of its own takes clients by address or network", () => {
        const args = { ssh: clusterArgs().ssh, members: etcdHosts };
        expect(etcdClusterFaults({ ...args, clients: ["192.0.2.0/24", "192.0.2.9"] })).toEqual([]);
        expect(etcdClusterFaults({ ...args, clients: ["everyone"] })).toEqual([
            { propertyPath: "clients[0]", reason: 'got "everyone", expected an address, or a network in CIDR form' },
        ]);
    });
});

describe("nodes of different networks", () => {
    const checked = (last: number, facts: Checked["facts"], kind: Checked["kind"] = "worker"): Checked => ({
        ...{ host: resolvedNode(node(`n${last}`, last)), kind, facts },
    });
    const ufw = { firewall: "ufw", nodeNetworks: "192.0.2.0/28" };
    const refuse = (hosts: Checked[], preflight = { warn: [] as string[], skip: [] as string[] }) =>
        refuseUnreachableNodes(hosts, preflight);

    it("are told apart before any host is changed, when a firewall would part them", () => {
        expect(() => refuse([checked(3, ufw), checked(4, {}), checked(20, {})])).toThrow(
            /^firewall\.hostSubnets: n20 \(192\.0\.2\.20\) is outside 192\.0\.2\.0\/28, so ufw on n3 would block it; .* No host was changed\.$/,
        );
    });

    it("are a warning where the configuration says so", () => {
        const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
        refuse([checked(3, ufw), checked(20, {})], { warn: ["firewall"], skip: [] });
        expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("so ufw on n3 would block it"));
        warn.mockRestore();
    });

    it("are no matter where no firewall is active, or of hosts that are no nodes", () => {
        expect(() => refuse([checked(3, {}), checked(20, undefined)])).not.toThrow();
        expect(() => refuse([checked(3, ufw), checked(20, {}, "loadBalancer")])).not.toThrow();
        expect(() => refuse([checked(3, ufw, "etcd"), checked(20, {})])).not.toThrow();
    });
});
