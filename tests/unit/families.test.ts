import { describe, expect, it } from "vitest";
import { clusterArgs, node, resolvedLeader, resolvedNode } from "./fixtures";
import { controlPlaneParameters } from "../../components/cluster/desiredState";
import { controlPlaneConfig, uploadConfig } from "../../components/cluster/kubeadm";
import { haproxyConfig } from "../../components/load-balancer/haproxy";
import { nginxConfig } from "../../components/load-balancer/nginx";
import { ProxyConfig } from "../../components/load-balancer/proxy";
import { resolveSettings } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { KnownNodeArgs } from "../../components/model/nodes";
import { resolveProxy } from "../../components/model/proxy";

const DUAL = { podSubnet: "10.244.0.0/16,fd00:10:244::/56", serviceSubnet: "10.96.0.0/16,fd00:10:96::/112" };
const ONLY6 = { podSubnet: "fd00:10:244::/56", serviceSubnet: "fd00:10:96::/112" };
const dual = (name: string, last: number): KnownNodeArgs => ({
    ...node(name, last),
    secondaryAddress: `2001:db8::${last}`,
});
const only6 = (name: string, last: number): KnownNodeArgs => ({ ...node(name, last), address: `2001:db8::${last}` });
const dualArgs = clusterArgs({
    network: DUAL,
    controlPlaneNodes: [dual("cp1", 11), dual("cp2", 12), dual("cp3", 13)],
    workerNodes: [dual("w1", 21)],
});
const only6Args = clusterArgs({
    network: ONLY6,
    controlPlaneNodes: [only6("cp1", 11), only6("cp2", 12), only6("cp3", 13)],
    workerNodes: [only6("w1", 21)],
    loadBalancer: { virtualAddress: "2001:db8::100" },
});
const faults = (args: typeof dualArgs) => clusterFaults(args).map(({ propertyPath }) => propertyPath);

describe("a cluster of two families", () => {
    it("is taken when it is right", () => expect(clusterFaults(dualArgs)).toEqual([]));

    it("a control plane node's second address is in its own certificate, and in no other's", () => {
        const settings = resolveSettings(dualArgs);
        const cp1 = dualArgs.controlPlaneNodes[0];
        expect(controlPlaneConfig(settings, resolvedLeader(cp1))).toMatch(
            /certSANs:\n {4}- 192\.0\.2\.100\n {4}- 2001:db8::11\n/,
        );
        expect(controlPlaneParameters(settings, resolvedNode(cp1)).CERT_SANS).toEqual([
            ...["cp1", "192.0.2.11", "2001:db8::11", "192.0.2.100"],
        ]);
        expect(uploadConfig(settings, resolvedLeader(cp1))).toMatch(/certSANs:\n {4}- 192\.0\.2\.100\n {2}extraArgs/);
    });

    it("an address that two nodes have, or the pods may get, is told", () => {
        const again = { ...dual("w1", 21), secondaryAddress: "2001:db8::11" };
        expect(faults({ ...dualArgs, workerNodes: [again] })).toEqual(["workerNodes[0].secondaryAddress"]);
        const inside = { ...dual("w1", 21), secondaryAddress: "fd00:10:244::21" };
        expect(faults({ ...dualArgs, workerNodes: [inside] })).toEqual(["workerNodes[0].secondaryAddress"]);
    });
});

describe("a cluster of IPv6 alone", () => {
    it("is taken when it is right", () => expect(clusterFaults(only6Args)).toEqual([]));

    it.each([
        ["FD00::21", "upper-case letters"],
        ["fd00:0::21", "zeros that are left out"],
        ["fe80::21%eth0", "a zone"],
    ])("an address is written as hosts show it: not %s (%s)", (address) => {
        expect(faults({ ...only6Args, workerNodes: [{ ...node("w1", 21), address }] })).toEqual([
            "workerNodes[0].address",
        ]);
    });

    it("the virtual address is of the hosts' family", () => {
        expect(faults({ ...only6Args, loadBalancer: { virtualAddress: "192.0.2.100" } })).toEqual([
            "loadBalancer.virtualAddress",
        ]);
        expect(faults(clusterArgs({ loadBalancer: { virtualAddress: "2001:db8::100" } }))).toEqual([
            "loadBalancer.virtualAddress",
        ]);
    });

    it("the proxies listen for it", () => {
        const config: ProxyConfig = {
            port: 8443,
            backends: [{ name: "cp1", address: "2001:db8::11", port: 6443 }],
            settings: resolveProxy(),
        };
        expect(haproxyConfig(config)).toContain("bind :::8443 v4v6\n");
        expect(haproxyConfig(config)).toContain("server cp1 [2001:db8::11]:6443\n");
        expect(nginxConfig(config)).toContain("listen [::]:8443 ipv6only=off so_keepalive=on;");
        expect(haproxyConfig({ ...config, address: "127.0.0.1" })).toContain("bind 127.0.0.1:8443\n");
    });
});
