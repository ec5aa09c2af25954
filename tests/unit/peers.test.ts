import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as pulumi from "@pulumi/pulumi";
import { refuseClosedPaths, warnOfTwinHostnames } from "../../components/host/closedPaths";
import { HostFacts } from "../../components/host/facts";
import { clusterPeers } from "../../components/host/peers";
import { Checked } from "../../components/host/reachability";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { clusterArgs, everyKindArgs, node, resolvedNode } from "./fixtures";

const rows = (args: KnownClusterArgs, kind: Parameters<typeof clusterPeers>[1], name: string, last: number) =>
    clusterPeers(resolveSettings(args), kind, resolvedNode(node(name, last)));

describe("the hosts that a host must reach", () => {
    it("of a control plane node with stacked etcd: the other nodes, with etcd's ports", () => {
        expect(rows(clusterArgs(), "controlPlane", "cp1", 11)).toEqual([
            "cp2 192.0.2.12 6443 10250 2379 2380",
            "cp3 192.0.2.13 6443 10250 2379 2380",
        ]);
    });

    it("with etcd and balancers on hosts of their own: what each of them calls", () => {
        expect(rows(everyKindArgs(), "controlPlane", "cp1", 11)).toEqual([
            "cp2 192.0.2.12 6443 10250",
            "cp3 192.0.2.13 6443 10250",
            ...["e1 192.0.2.31 2379", "e2 192.0.2.32 2379", "e3 192.0.2.33 2379"],
        ]);
        expect(rows(everyKindArgs(), "etcd", "e2", 32)).toEqual(["e1 192.0.2.31 2379 2380", "e3 192.0.2.33 2379 2380"]);
        expect(rows(everyKindArgs(), "loadBalancer", "lb1", 9)).toEqual(
            [11, 12, 13].map((last, i) => `cp${i + 1} 192.0.2.${last} 6443`),
        );
    });

    it("of a worker, and of a control plane with somebody else's etcd: no host that it does not call", () => {
        const etcd = { topology: EtcdTopology.Existing, endpoints: ["https://192.0.2.50:2379"] };
        expect(rows(clusterArgs(), "worker", "w1", 21)).toEqual([]);
        expect(rows(clusterArgs({ etcd }), "controlPlane", "cp3", 13)).toEqual([
            "cp1 192.0.2.11 6443 10250",
            "cp2 192.0.2.12 6443 10250",
        ]);
    });
});

const warn = vi.spyOn(pulumi.log, "warn");
beforeEach(() => warn.mockReset().mockResolvedValue());
afterEach(() => vi.clearAllMocks());

const host = (name: string, last: number, facts?: Partial<HostFacts>): Checked => ({
    host: resolvedNode(node(name, last)),
    kind: "controlPlane",
    facts,
});
const refuse = (...hosts: Checked[]) => refuseClosedPaths(hosts, { warn: [], skip: [] });

describe("ports of other hosts that gave no answer", () => {
    const closed = { unreached: ["cp2 2380", "cp2 6443", "cp3 6443"], time: 1000 };

    it("are refused in one message, with the ways on", () => {
        const both = () =>
            refuse(host("cp1", 11, closed), host("cp2", 12, { unreached: ["cp3 6443"] }), host("cp3", 13, {}));
        expect(both).toThrow(
            [
                "peers: hosts get no answer from others at these ports, expected a connection or a refusal:",
                "  from cp1 (192.0.2.11) to cp2 (192.0.2.12): TCP 2380, 6443",
                "  from cp1 (192.0.2.11) to cp3 (192.0.2.13): TCP 6443",
                "  from cp2 (192.0.2.12) to cp3 (192.0.2.13): TCP 6443",
                "Open the ports (network, security groups, firewalls that are neither firewalld nor ufw), then: " +
                    "pulumi up --replace '**-cp1-preflight' --replace '**-cp2-preflight'",
                "To go on without: name the check 'peers' in preflight.warn or preflight.skip.",
                "No host was changed.",
            ].join("\n"),
        );
        expect(both).toThrow(pulumi.RunError);
        expect(warn).not.toHaveBeenCalled();
    });

    it("are no fault where the program opens the other host's firewall, and where SSH does not reach that host", () => {
        refuse(host("cp1", 11, closed), host("cp2", 12, { firewall: "ufw" }), host("cp3", 13, undefined));
        refuse(host("cp1", 11, closed));
    });

    it("are no fault once the other host was looked at in a later run", () => {
        const later = (time: number) => refuse(host("cp1", 11, closed), host("cp2", 12, { time }));
        later(1000 + 3600);
        expect(() => later(1000 + 3599)).toThrow("from cp1");
        expect(() => later(1)).toThrow("from cp1");
    });

    it("are a warning where the configuration says so", () => {
        refuseClosedPaths([host("cp1", 11, closed), host("cp2", 12, {})], { warn: ["peers"], skip: [] });
        expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("to cp2 (192.0.2.12): TCP 2380, 6443"));
    });
});

describe("hosts with one hostname", () => {
    it("are a warning that names them", () => {
        const named = (...names: string[]) => names.map((hostname, i) => host(`cp${i + 1}`, 11 + i, { hostname }));
        warnOfTwinHostnames([...named("debian", "other", "debian"), host("w1", 21)]);
        expect(warn).toHaveBeenCalledExactlyOnceWith(
            expect.stringMatching(
                /^hostname: cp1 and cp3 have the same hostname, debian, expected one of its own on each/,
            ),
        );
    });
});
