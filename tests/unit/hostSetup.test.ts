import { describe, expect, it } from "vitest";
import { KnownClusterArgs } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { HostSetupArgs } from "../../components/model/hostSetup";
import { clusterArgs, dedicatedArgs, node } from "./fixtures";

const reasons = (args: KnownClusterArgs) =>
    clusterFaults(args).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const ofAll = (all: HostSetupArgs) => reasons(clusterArgs({ hostSetup: { all } }));
const alias = (ip: string, name = "a") => ({ hostAliases: [{ ip, hostnames: [name] }] });

describe("the setup of hosts", () => {
    const OWN = "another setting: the program sets this one to 1";
    it.each<[HostSetupArgs, string]>([
        [{ sysctls: { "vm.*": "1" } }, `.sysctls["vm.*"]: got "1", expected a key without wildcards`],
        [
            { sysctls: { "net/ipv4/conf/eth0.1/forwarding": "0" } },
            `.sysctls["net/ipv4/conf/eth0.1/forwarding"]: got "0", expected ${OWN}`,
        ],
        [
            { sysctls: { "net.ipv4.conf.eth0/1.forwarding": "0" } },
            `.sysctls["net.ipv4.conf.eth0/1.forwarding"]: got "0", expected ${OWN}`,
        ],
        [alias("fe80::1%eth0"), `.hostAliases[0].ip: got "fe80::1%eth0", expected an address without a zone`],
        [
            alias("224.0.0.18"),
            `.hostAliases[0].ip: got "224.0.0.18", expected an address of one machine, not a multicast or broadcast one`,
        ],
        [
            alias("192.0.2.1", "localhost"),
            `.hostAliases[0].hostnames[0]: got "localhost", expected another name: on each host this one means the host itself`,
        ],
    ])("%j is refused", (setup, expected) => expect(ofAll(setup)).toEqual([`hostSetup.all${expected}`]));
});

describe("disable_ipv6", () => {
    const off = (value: string, name = "net.ipv6.conf.all.disable_ipv6") => ({ sysctls: { [name]: value } });
    const network = { podSubnet: "fd01::/56", serviceSubnet: "fd02::/112" };
    const v6 = (name: string, last: number) => ({ ...node(name, last), address: `2001:db8::${last}` });
    const only6 = (changes: Partial<KnownClusterArgs>) =>
        clusterArgs({
            ...{ network, controlPlaneNodes: [v6("cp1", 11)], workerNodes: [v6("w1", 21)], loadBalancer: {} },
            ...changes,
        });

    it.each<[string, KnownClusterArgs, string]>([
        ["all hosts", only6({ hostSetup: { all: off("1") } }), "hostSetup.all"],
        ["workers", only6({ hostSetup: { workers: off("1") } }), "hostSetup.workers"],
        ["a node", only6({ workerNodes: [{ ...v6("w1", 21), ...off("1") }] }), "workerNodes[0]"],
    ])("of %s is refused in a cluster with IPv6", (_what, args, at) => {
        expect(reasons(args)).toEqual([
            `${at}.sysctls["net.ipv6.conf.all.disable_ipv6"]: got "1", expected 0, because the cluster has IPv6 addresses`,
        ]);
    });

    it("is refused in any spelling, and where a host alone has an address of IPv6", () => {
        const loadBalancer = { ...dedicatedArgs().loadBalancer, hosts: [v6("lb1", 10)] };
        const args = dedicatedArgs({
            loadBalancer,
            hostSetup: { all: off("1", "net/ipv6/conf/default/disable_ipv6") },
        });
        expect(reasons(args)).toHaveLength(1);
    });

    it("is accepted on hosts of etcd alone, which may have IPv4 alone", () => {
        const told = reasons(only6({ hostSetup: { etcd: off("1") } }));
        expect(told.filter((reason) => reason.includes("disable_ipv6"))).toEqual([]);
    });

    it("is accepted with 0, and in a cluster without IPv6", () => {
        expect(reasons(only6({ hostSetup: { all: off("0") } }))).toEqual([]);
        expect(ofAll(off("1"))).toEqual([]);
    });
});
