import { describe, expect, it } from "vitest";
import { DEFAULT_HOSTS_FILE } from "../../lab/api";
import { parseHosts, readHostsFile, segmentsOf, selectHosts } from "../../lab/hostsFile";
import { placeOf } from "../../lab/segments";

const valid = {
    network: "10.88.0.0/24",
    gateway: "10.88.0.1",
    mirror: "10.88.0.2",
    hosts: { cp1: "10.88.0.11", etcd1: "10.88.0.31" },
};

describe("parseHosts", () => {
    it("keeps the file's order", () => {
        expect(parseHosts("f", valid).hosts).toEqual([
            { name: "cp1", address: "10.88.0.11" },
            { name: "etcd1", address: "10.88.0.31" },
        ]);
    });

    it("refuses a network that is not a /24", () => {
        expect(() => parseHosts("f", { ...valid, network: "10.88.0.0/16" })).toThrow(
            'f: network: got "10.88.0.0/16", expected a /24 such as 10.88.0.0/24',
        );
    });

    it("tells every fault at once", () => {
        const hosts = { cp1: "10.88.0.1", CP2: "10.88.0.12", w1: "10.88.1.3", mirror: "10.88.0.9" };
        expect(() => parseHosts("f", { ...valid, hosts })).toThrow(
            [
                "f: hosts.cp1: got 10.88.0.1, which is already the address of gateway",
                "hosts.CP2: expected a name of at most 13 lower-case letters, digits and dashes",
                'hosts.w1: got "10.88.1.3", expected an address within 10.88.0.0/24',
                "hosts.mirror: expected a name of at most 13 lower-case letters, digits and dashes",
            ].join("; "),
        );
    });

    it("takes a host with a firewall, and refuses one that it cannot set up", () => {
        const host = (firewall: string) => ({ w1: { address: "10.88.0.21", firewall } });
        expect(parseHosts("f", { ...valid, hosts: host("ufw") }).hosts).toEqual([
            { name: "w1", address: "10.88.0.21", firewall: "ufw" },
        ]);
        expect(() => parseHosts("f", { ...valid, hosts: host("ipfw") })).toThrow(
            'f: hosts.w1.firewall: got "ipfw", expected firewalld or ufw',
        );
    });

    it("takes a host whose sudo asks for a password, and refuses an empty one", () => {
        const host = (sudoPassword: unknown) => ({ w1: { address: "10.88.0.21", sudoPassword } });
        expect(parseHosts("f", { ...valid, hosts: host(1234) }).hosts).toEqual([
            { name: "w1", address: "10.88.0.21", sudoPassword: "1234" },
        ]);
        expect(() => parseHosts("f", { ...valid, hosts: host("") })).toThrow(
            "f: hosts.w1.sudoPassword: expected a text of one line",
        );
    });

    it("takes names of the lab's addresses, a host's or not, and refuses others", () => {
        const names = { "k8s.example.com": "10.88.0.100", "etcd.example.com": "10.88.0.31" };
        expect(parseHosts("f", { ...valid, names }).names).toEqual(names);
        expect(() =>
            parseHosts("f", { ...valid, names: { cp1: "10.88.0.11", "k8s.example.com": "192.0.2.1" } }),
        ).toThrow(
            "f: names.cp1: expected a DNS name with a dot, in lower case; " +
                'names.k8s.example.com: got "192.0.2.1", expected an address of the lab',
        );
    });

    it("refuses a file without hosts", () => {
        expect(() => parseHosts("f", { ...valid, hosts: {} })).toThrow("hosts: got none");
    });
});

describe("segments and IPv6", () => {
    const two = {
        ...valid,
        network6: "fd00:88::/64",
        segments: [{ network: "10.89.0.0/24", network6: "fd00:89::/64", gateway: "10.89.0.1" }],
        hosts: { cp1: "10.88.0.11", w1: "10.89.0.11", w2: "fd00:89::22" },
    };

    it("an address puts a host on its segment, of IPv6 beside it or alone", () => {
        const lab = parseHosts("f", two);
        expect(lab.hosts.map(({ address }) => placeOf(segmentsOf(lab), address))).toEqual([
            { segment: 0, v4: "10.88.0.11", v6: "fd00:88::11", only6: false },
            { segment: 1, v4: "10.89.0.11", v6: "fd00:89::11", only6: false },
            { segment: 1, v4: "10.89.0.22", v6: "fd00:89::22", only6: true },
        ]);
    });

    it("tells every fault of networks, then of addresses", () => {
        expect(() =>
            parseHosts("f", { ...two, network6: "fd00::/56", segments: [{ network: "10.89.0.0/16" }] }),
        ).toThrow('f: network6: got "fd00::/56", expected a /64 such as fd00:88::/64; network: got "10.89.0.0/16"');
        const hosts = { cp1: "fd00:88::1", cp2: "fd00:90::2", w1: "10.89.0.12", w2: "fd00:89::12" };
        expect(() => parseHosts("f", { ...two, mirror: "10.89.0.2", hosts })).toThrow(
            [
                'f: mirror: got "10.89.0.2", expected an address within 10.88.0.0/24',
                "hosts.cp1: got fd00:88::1, which is already the address of gateway",
                'hosts.cp2: got "fd00:90::2", expected an address within 10.88.0.0/24, fd00:88::/64, 10.89.0.0/24, fd00:89::/64',
                "hosts.w2: got fd00:89::12, which is already the address of hosts.w1",
            ].join("; "),
        );
    });
});

describe("the default hosts file", () => {
    it("has a load balancer, three control planes and two workers, and leaves 10.88.0.100 free", async () => {
        const { hosts } = await readHostsFile(DEFAULT_HOSTS_FILE);
        expect(hosts.map((host) => host.name)).toEqual(["lb1", "cp1", "cp2", "cp3", "w1", "w2"]);
        expect(hosts.map((host) => host.address)).not.toContain("10.88.0.100");
    });
});

describe("selectHosts", () => {
    const known = parseHosts("f", valid).hosts;

    it("takes all when none is named", () => expect(selectHosts(known, [])).toEqual(known));

    it("takes the named ones", () => expect(selectHosts(known, ["etcd1"]).map((host) => host.name)).toEqual(["etcd1"]));

    it("lists what it knows when a name is unknown", () => {
        expect(() => selectHosts(known, ["cp9"])).toThrow("unknown host cp9: expected one of cp1, etcd1");
    });
});
