import { describe, expect, it } from "vitest";
import { coreDnsParameters } from "../../components/addons/coreDns";
import { corefile, kubeadmCorefile } from "../../components/addons/corefile";
import { nodeLocalDnsObjects } from "../../components/addons/nodeLocalDns";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { CoreDnsArgs } from "../../components/model/coreDns";
import { resolveNetwork } from "../../components/model/network";
import { upstreamsFaults } from "../../components/model/upstreams";
import { clusterArgs } from "./fixtures";

const OPTIONS: CoreDnsArgs = {
    cache: { capacity: 20480, ttlSeconds: 60 },
    forward: { upstreams: ["192.0.2.53", "tls://[2001:db8::53]:8853"], tlsServerName: "dns.example.com" },
    stubDomains: [
        { domain: "example.com", upstreams: ["198.51.100.53:5353"] },
        { domain: "lab.example.com", upstreams: ["tls://198.51.100.54"], tlsServerName: "lab.example.com" },
        { domain: "10.in-addr.arpa", upstreams: ["198.51.100.53"] },
    ],
    serverBlocks: [
        { domain: "site.example.com", plugins: "errors\nhosts {\n    192.0.2.7 door.site.example.com\n}\n" },
    ],
};

describe("the Corefile", () => {
    it("has the options; a stub domain stands before those that contain it", async () => {
        await expect(`${corefile(OPTIONS, "k8s.example.com")}\n`).toMatchFileSnapshot("../golden/corefile.txt");
    });

    it("is kubeadm's in everything that is no option", () => {
        expect(corefile({ cache: {} }, "cluster.local")).toBe(kubeadmCorefile("cluster.local"));
        const changed = corefile({ forward: { maxConcurrent: 2000 } }, "cluster.local");
        expect(changed.replace("2000", "1000")).toBe(kubeadmCorefile("cluster.local"));
    });

    it("is not the program's without any option, and then CoreDNS's pods do not depend on it", () => {
        const { COREFILE, COREDNS_PATCH } = coreDnsParameters({ spread: true }, "cluster.local");
        expect(COREFILE).toBe("");
        expect(JSON.parse(COREDNS_PATCH).spec.template.metadata).toBeUndefined();
    });

    it("replaces CoreDNS's pods when it changes", () => {
        const annotations = (coreDns: Omit<CoreDnsArgs, "nodeLocalCache">): object =>
            JSON.parse(coreDnsParameters({ spread: true, ...coreDns }, "cluster.local").COREDNS_PATCH).spec.template
                .metadata.annotations;
        const digest = { "pulumi-kubeadm/corefile": expect.stringMatching(/^[0-9a-f]{16}$/) };
        expect(annotations({ cache: { ttlSeconds: 60 } })).toEqual(digest);
        expect(annotations({ cache: { ttlSeconds: 61 } })).not.toEqual(annotations({ cache: { ttlSeconds: 60 } }));
        expect(annotations({ cache: { ttlSeconds: 60 }, replicas: 3 })).toEqual(
            annotations({ cache: { ttlSeconds: 60 } }),
        );
    });
});

describe("NodeLocal DNSCache", () => {
    const cacheCorefile = (coreDns: CoreDnsArgs): string => {
        const settings = resolveSettings(clusterArgs({ coreDns: { nodeLocalCache: {}, ...coreDns } }));
        const configMap = nodeLocalDnsObjects(settings).find(({ kind }) => kind === "ConfigMap")!;
        return (configMap.data as { Corefile: string }).Corefile;
    };
    const zones = (text: string) => [...text.matchAll(/^(\S+):53 \{/gm)].map(([, zone]) => zone);
    const block = (text: string, zone: string) => text.split(/^}\n/m).find((part) => part.startsWith(`${zone}:53`));

    it("asks CoreDNS for stub domains, each once, and the upstreams for the rest", () => {
        const text = cacheCorefile({
            ...OPTIONS,
            stubDomains: [...OPTIONS.stubDomains!, { domain: "in-addr.arpa", upstreams: ["192.0.2.9"] }],
        });
        expect(zones(text)).toEqual([
            ...["cluster.local", "in-addr.arpa", "ip6.arpa"],
            ...["example.com", "lab.example.com", "10.in-addr.arpa", "site.example.com", "."],
        ]);
        expect(block(text, "example.com")).toContain("forward . __PILLAR__CLUSTER__DNS__ {");
        expect(block(text, ".")).toContain(
            "    forward . 192.0.2.53 tls://[2001:db8::53]:8853 {\n       tls_servername dns.example.com\n    }\n",
        );
    });

    it("without upstreams asks the host's name servers, and keeps its own cache", () => {
        const text = cacheCorefile({ cache: { capacity: 20480 }, forward: { maxConcurrent: 2000 } });
        expect(text).toBe(cacheCorefile({}));
        expect(block(text, ".")).toContain("forward . __PILLAR__UPSTREAM__SERVERS__\n");
    });
});

describe("its faults", () => {
    const faults = (coreDns: CoreDnsArgs, changes: Partial<KnownClusterArgs> = {}) =>
        clusterFaults(clusterArgs({ coreDns, ...changes })).map(({ propertyPath, reason }) => [propertyPath, reason]);
    const ofUpstream = (upstream: string, changes: Partial<KnownClusterArgs> = {}, more: CoreDnsArgs = {}) =>
        faults({ forward: { upstreams: [upstream] }, ...more }, changes).map(([path, reason]) => {
            expect(path).toBe("coreDns.forward.upstreams[0]");
            return reason;
        });

    it.each(["192.0.2.53", "192.0.2.53:5353", "tls://192.0.2.53", "tls://192.0.2.53:8853", "10.96.0.53"])(
        "none of %s",
        (upstream) => expect(ofUpstream(upstream)).toEqual([]),
    );

    it.each([
        "2001:db8::53",
        "[2001:db8::53]",
        "[2001:db8::53]:5353",
        "tls://2001:db8::53",
        "tls://[2001:db8::53]:853",
    ])("none of %s, where pods have addresses of IPv6", (upstream) => {
        const network = resolveNetwork({ podSubnet: "fd00:10::/56", serviceSubnet: "fd00:20::/112" });
        expect(upstreamsFaults("p", { upstreams: [upstream] }, { network })).toEqual([]);
    });

    it.each([
        ...["dns.example.com", "/etc/resolv.conf", "192.0.2.53:0", "192.0.2.53:99999", "192.0.2", "[192.0.2.53]"],
        ...[
            "2001:db8::53:x",
            "fe80::1%eth0",
            "[fe80::1%eth0]:53",
            "https://192.0.2.53",
            "udp://192.0.2.53",
            "tls://tls://192.0.2.53",
        ],
        ...["192.0.2.53/24", "tls://", ".", "{$HOME}", "192.0.2.53%name"],
    ])("another form than CoreDNS's: %s", (upstream) => {
        expect(ofUpstream(upstream)).toEqual([expect.stringContaining("expected an address, with a port or without")]);
    });

    it("a name server that would ask itself, or that no pod reaches", () => {
        const own = "expected another name server, because this is the cluster's own, which would ask itself";
        expect(ofUpstream("10.96.0.10")).toEqual([`got "10.96.0.10", ${own}`]);
        expect(ofUpstream("tls://10.96.0.10:53")).toEqual([`got "tls://10.96.0.10:53", ${own}`]);
        expect(ofUpstream("169.254.20.10")).toEqual([]);
        expect(ofUpstream("169.254.20.10", {}, { nodeLocalCache: {} })).toEqual([`got "169.254.20.10", ${own}`]);
        for (const address of ["127.0.0.53", "0.0.0.0", "224.0.0.251"]) {
            expect(ofUpstream(address)).toEqual([expect.stringContaining("does not lead to another machine")]);
        }
        expect(ofUpstream("10.244.1.7")).toEqual([expect.stringContaining("because a pod's address changes")]);
        expect(ofUpstream("2001:db8::53")).toEqual([expect.stringContaining("because pods have no other")]);
        expect(ofUpstream("2001:DB8::53")).toEqual([expect.stringContaining("its shortest spelling")]);
    });

    it("a server block that would answer for others, and what is none", () => {
        const ofBlock = (domain: string, plugins = "whoami", more: CoreDnsArgs = {}) =>
            faults({ serverBlocks: [{ domain, plugins }], ...more }, { network: { dnsDomain: "k8s.example.com" } });
        const at = "coreDns.serverBlocks[0]";
        expect(ofBlock("a.example.com", "# all of it\nhosts { # inline\n  192.0.2.7 b\n  ttl 60\n}\nerrors")).toEqual(
            [],
        );
        expect(ofBlock("example.com")).toEqual([
            [
                `${at}.domain`,
                'got "example.com", expected a domain that does not contain k8s.example.com, whose names CoreDNS answers itself',
            ],
        ]);
        expect(ofBlock("a.k8s.example.com")).toEqual([[`${at}.domain`, expect.stringContaining("outside k8s")]]);
        expect(ofBlock("10.in-addr.arpa")).toEqual([
            [`${at}.domain`, expect.stringContaining("coreDns.stubDomains takes it")],
        ]);
        expect(ofBlock("a.example.com", "hosts {\n}\n}\n")).toEqual([
            [`${at}.plugins`, 'got "}", expected a closing brace in a line of its own for each opening one'],
        ]);
        expect(ofBlock("a.example.com", "hosts {\n")).toEqual([[`${at}.plugins`, expect.stringContaining('got "{"')]]);
        expect(ofBlock("a.example.com", "rewite name a b\nfrobnicate")).toEqual([
            [`${at}.plugins`, "got \"rewite\", expected the plugin 'rewrite'"],
            [`${at}.plugins`, 'got "frobnicate", expected a plugin of CoreDNS'],
        ]);
        const upstreams = ["192.0.2.53"];
        expect(
            ofBlock("corp.example.com", "whoami", { stubDomains: [{ domain: "a.corp.example.com", upstreams }] }),
        ).toEqual([
            [
                "coreDns.stubDomains[0].domain",
                `got "a.corp.example.com", expected a domain outside of ${at}.domain, corp.example.com, which answers for it`,
            ],
        ]);
        expect(
            ofBlock("corp.example.com", "whoami", { stubDomains: [{ domain: "corp.example.com", upstreams }] }),
        ).toEqual([["coreDns.stubDomains[0].domain", expect.stringContaining(`${at}.domain has it too`)]]);
    });

    it("name servers that are listed twice, too few or too many", () => {
        const upstreams = ["192.0.2.53", "192.0.2.53:53", "tls://192.0.2.53"];
        expect(faults({ forward: { upstreams } })).toEqual([
            [
                "coreDns.forward.upstreams[1]",
                'got "192.0.2.53:53", expected a name server of its own; coreDns.forward.upstreams[0] has it too',
            ],
        ]);
        expect(faults({ forward: { upstreams: [] } })[0][0]).toBe("coreDns.forward.upstreams");
        const many = Array.from({ length: 16 }, (_, i) => `192.0.2.${i + 1}`);
        expect(faults({ forward: { upstreams: many } })[0][0]).toBe("coreDns.forward.upstreams");
    });

    it("a domain of the cluster's own, of another form, or twice; its parent is none", () => {
        const upstreams = ["192.0.2.53"];
        const ofDomains = (...domains: string[]) =>
            faults(
                { stubDomains: domains.map((domain) => ({ domain, upstreams })) },
                { network: { dnsDomain: "k8s.example.com" } },
            ).map(([path]) => path);
        expect(ofDomains("example.com", "lab.example.com", "10.in-addr.arpa", "xk8s.example.com")).toEqual([]);
        const first = ["coreDns.stubDomains[0].domain"];
        for (const domain of [
            "k8s.example.com",
            "svc.k8s.example.com",
            "Corp.example.com",
            "corp.",
            ".",
            "a b",
            "*.a",
        ]) {
            expect(ofDomains(domain)).toEqual(first);
        }
        expect(ofDomains("a.example.com", "a.example.com")).toEqual(["coreDns.stubDomains[1].domain"]);
    });

    it("a name of TLS without TLS", () => {
        const reason = 'got "dns.example.com", expected none, because no upstream begins with tls://';
        const named = { upstreams: ["192.0.2.53"], tlsServerName: "dns.example.com" };
        expect(faults({ forward: named })).toEqual([["coreDns.forward.tlsServerName", reason]]);
        expect(faults({ forward: { tlsServerName: "dns.example.com" } })).toHaveLength(1);
        expect(faults({ forward: { ...named, upstreams: ["tls://192.0.2.53"] } })).toEqual([]);
        expect(faults({ stubDomains: [{ domain: "example.com", ...named }] })[0][0]).toBe(
            "coreDns.stubDomains[0].tlsServerName",
        );
    });
});
