import { beforeEach, describe, expect, it, vi } from "vitest";
import { clusterArgs, node } from "../unit/fixtures";
import { Recorded, recordResources, settled, stdinOf } from "./mocks";
import { Cluster } from "../../components/cluster/cluster";
import { preamble } from "../../components/host/contract";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { KnownClusterArgs } from "../../components/model/cluster";
import { CniMode, CniPlugin } from "../../components/model/cni";
import { EtcdTopology } from "../../components/model/etcd";
import { FirewallMode } from "../../components/model/firewall";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";

vi.mock("../../components/addons/manifest", () => ({ readManifest: () => Promise.resolve([]) }));

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(changes: Partial<KnownClusterArgs>): Promise<void> {
    new Cluster("c", clusterArgs(changes));
    await settled();
}

const stdin = (name: string): string => stdinOf(recorded, name);
const openings = (name: string): string[] =>
    [...(/FIREWALL_OPENINGS=\(([^)]*)\)/.exec(stdin(name))?.[1] ?? "").matchAll(/'([^']*)'/g)].map(
        ([, opening]) => opening,
    );

const etcdHosts = [node("etcd1", 31), node("etcd2", 32), node("etcd3", 33)];
const apart: Partial<KnownClusterArgs> = {
    etcd: { topology: EtcdTopology.External, hosts: etcdHosts },
    loadBalancer: {
        placement: LoadBalancerPlacement.Dedicated,
        hosts: [node("lb1", 9), node("lb2", 10)],
        virtualAddress: "192.0.2.100",
    },
};

describe("each host is told what its firewall lets in", () => {
    it("by its role, with balancers and etcd on hosts of their own", async () => {
        await build(apart);
        expect(openings("c-lb-lb1-prepare")).toEqual(["tcp 6443 any", "vrrp - 192.0.2.10"]);
        expect(openings("c-etcd-etcd1-prepare")).toEqual([
            ...["11", "12", "13", "32", "33"].map((last) => `tcp 2379 192.0.2.${last}`),
            ...["32", "33"].map((last) => `tcp 2380 192.0.2.${last}`),
        ]);
        expect(openings("c-cp1-prepare").join()).not.toMatch(/2379|8443|vrrp/);
        expect(stdin("c-lb-lb1-prepare")).toContain("FIREWALL_NETWORKS=()");
        expect(stdin("c-w1-prepare")).toContain("FIREWALL_NETWORKS=(\n'10.244.0.0/16'\n)");
    });

    it("and preflight, what will be asked of it", async () => {
        await build(apart);
        expect(stdin("c-lb1-preflight")).toContain("FIREWALL_VRRP='true'");
        expect(stdin("c-cp1-preflight")).toContain("FIREWALL_VRRP='false'");
        expect(stdin("c-cp1-preflight")).toContain("FIREWALL_NETWORKS=(\n'10.244.0.0/16'\n)");
        expect(stdin("c-etcd1-preflight")).toContain("FIREWALL_NETWORKS=()");
    });

    it("of Calico's IP-in-IP, for which every node's kernel must have a tunnel", async () => {
        await build({ ...apart, cni: { plugin: CniPlugin.Calico, mode: CniMode.Ipip } });
        expect(openings("c-w1-prepare")).toEqual(expect.arrayContaining(["ipip - hosts", "tcp 179 hosts"]));
        expect(openings("c-w1-prepare").join()).not.toContain("4789");
        for (const host of ["cp1", "w1"]) expect(stdin(`c-${host}-preflight`)).toContain("IPIP_TUNNEL='true'");
        for (const host of ["etcd1", "lb1"]) expect(stdin(`c-${host}-preflight`)).not.toContain("IPIP_TUNNEL");
    });

    it("in both families of a dual-stack cluster", async () => {
        const dual = (last: number, name: string) => ({ ...node(name, last), secondaryAddress: `2001:db8::${last}` });
        await build({
            network: { podSubnet: "10.244.0.0/16,fd00:10:244::/56", serviceSubnet: "10.96.0.0/12,fd00:10:96::/112" },
            controlPlaneNodes: [dual(11, "cp1")],
            workerNodes: [dual(21, "w1")],
        });
        expect(stdin("c-w1-prepare")).toContain(preamble({ FIREWALL_NETWORKS: ["10.244.0.0/16", "fd00:10:244::/56"] }));
        expect(stdin("c-w1-prepare")).toContain(preamble({ FIREWALL_ADDRESSES: ["192.0.2.21", "2001:db8::21"] }));
    });

    it("or that it is left alone", async () => {
        await build({ ...apart, firewall: { mode: FirewallMode.None } });
        for (const step of ["c-cp1-prepare", "c-w1-prepare", "c-lb-lb1-prepare", "c-etcd-etcd1-prepare"]) {
            expect(stdin(step), step).toMatch(/FIREWALL='none'\n(?!FIREWALL)/);
        }
    });
});

describe("an etcd cluster of its own", () => {
    it("lets in the clients it is told of, or anyone with a certificate", async () => {
        const args = { ssh: clusterArgs().ssh, members: etcdHosts };
        new EtcdCluster("e", { ...args, clients: ["198.51.100.0/24"] });
        new EtcdCluster("f", args);
        await settled();
        expect(openings("e-etcd1-prepare")).toContain("tcp 2379 198.51.100.0/24");
        expect(openings("f-etcd1-prepare")).toContain("tcp 2379 any");
    });
});
