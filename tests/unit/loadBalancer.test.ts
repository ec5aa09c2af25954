import { describe, expect, it } from "vitest";
import { clusterArgs, node } from "./fixtures";
import { clusterFaults } from "../../components/model/clusterRules";
import { KnownLoadBalancerArgs } from "../../components/model/loadBalancer";
import { LoadBalancerPlacement as Placement, LoadBalancerType as Type } from "../../components/model/loadBalancerType";
import { Balance, CheckKind, ProxyLog } from "../../components/model/proxy";

const VIP = "192.0.2.100";
const lb1 = node("lb1", 10);
const lb2 = node("lb2", 9);
const lvs = { type: Type.Lvs, placement: Placement.Dedicated, hosts: [lb1, lb2], virtualAddress: VIP };
const name = { controlPlaneEndpoint: "k8s.example.com" };
const faults = (loadBalancer: KnownLoadBalancerArgs, more: { controlPlaneEndpoint?: string } = {}) =>
    clusterFaults(clusterArgs({ loadBalancer, ...more }));
const paths = (loadBalancer: KnownLoadBalancerArgs) => faults(loadBalancer).map((fault) => fault.propertyPath);

describe("a shape of the endpoint", () => {
    it.each<[string, KnownLoadBalancerArgs, { controlPlaneEndpoint?: string }?]>([
        ["haproxy on control planes", { virtualAddress: VIP }],
        ["haproxy on one host", { placement: Placement.Dedicated, hosts: [lb1] }],
        [
            "nginx on two hosts",
            { type: Type.Nginx, placement: Placement.Dedicated, hosts: [lb1, lb2], virtualAddress: VIP },
        ],
        ["nginx on control planes", { type: Type.Nginx, virtualAddress: VIP, proxy: { balance: Balance.Source } }],
        ["keepalived", { type: Type.Keepalived, virtualAddress: VIP, vrrp: { password: "Hush1234" } }],
        ["kube-vip", { type: Type.KubeVip, virtualAddress: VIP, kubeVip: { leaseDuration: 15, renewDeadline: 10 } }],
        ["LVS on two hosts", { ...lvs, vrrp: { password: "Hush1234" } }],
        ["external", { type: Type.External, port: 443 }, name],
        ["haproxy on every node", { placement: Placement.NodeLocal }],
        ["nginx on every node, known outside by a name", { type: Type.Nginx, placement: Placement.NodeLocal }, name],
    ])("is taken when it makes sense: %s", (_what, loadBalancer, more) => {
        expect(faults(loadBalancer, more)).toEqual([]);
    });

    it.each<[string, KnownLoadBalancerArgs, string[]]>([
        ["a type nobody knows", { type: "envoy" as Type }, ["loadBalancer.type"]],
        ["a placement nobody knows", { placement: "moon" as Placement }, ["loadBalancer.placement"]],
        ["kube-vip elsewhere", { type: Type.KubeVip, placement: Placement.Dedicated }, ["loadBalancer.placement"]],
        [
            "keepalived on every node",
            { type: Type.Keepalived, placement: Placement.NodeLocal },
            ["loadBalancer.placement"],
        ],
        ["LVS without a word where", { ...lvs, placement: undefined }, ["loadBalancer.placement"]],
        ["LVS on every node", { ...lvs, placement: Placement.NodeLocal }, ["loadBalancer.placement"]],
        ["LVS without an address", { ...lvs, virtualAddress: undefined }, ["loadBalancer.virtualAddress"]],
        ["LVS at another port", { ...lvs, port: 8443 }, ["loadBalancer.port"]],
        ["LVS with a proxy's options", { ...lvs, proxy: {} }, ["loadBalancer.proxy"]],
        [
            "LVS at an address of another family than kube-apiservers'",
            { ...lvs, hosts: [{ ...lb1, privateAddress: "fd00::9" }], virtualAddress: "fd00::100" },
            ["loadBalancer.virtualAddress"],
        ],
        ["external, placed", { type: Type.External, placement: Placement.ControlPlane }, ["loadBalancer.placement"]],
        ["external without a name", { type: Type.External }, ["controlPlaneEndpoint"]],
        [
            "two hosts without an address",
            { placement: Placement.Dedicated, hosts: [lb1, lb2] },
            ["loadBalancer.virtualAddress"],
        ],
        ["kube-vip without an address", { type: Type.KubeVip }, ["loadBalancer.virtualAddress"]],
        [
            "an address nobody calls",
            { placement: Placement.NodeLocal, virtualAddress: VIP },
            ["loadBalancer.virtualAddress"],
        ],
        ["hosts that have no part", { placement: Placement.NodeLocal, hosts: [lb1] }, ["loadBalancer.hosts"]],
        [
            "another port without a proxy",
            { type: Type.Keepalived, virtualAddress: VIP, port: 8443 },
            ["loadBalancer.port"],
        ],
        ["the kubelet's port on its host", { placement: Placement.NodeLocal, port: 10250 }, ["loadBalancer.port"]],
        [
            "a proxy's options without one",
            { type: Type.KubeVip, virtualAddress: VIP, proxy: {} },
            ["loadBalancer.proxy"],
        ],
        ["keepalived's options without it", { placement: Placement.NodeLocal, vrrp: {} }, ["loadBalancer.vrrp"]],
        ["kube-vip's options without it", { virtualAddress: VIP, kubeVip: {} }, ["loadBalancer.kubeVip"]],
    ])("is refused, once, where it makes none: %s", (_what, loadBalancer, expected) => {
        expect(paths(loadBalancer)).toEqual(expected);
    });

    it("says why", () => {
        expect(faults({ type: Type.KubeVip, placement: Placement.Dedicated })).toEqual([
            {
                propertyPath: "loadBalancer.placement",
                reason: `got "dedicated", expected 'controlPlane', or type 'haproxy' or 'nginx': 'kube-vip' forwards nothing, so the host with the virtual address must run kube-apiserver`,
            },
        ]);
        expect(faults({ ...lvs, placement: Placement.ControlPlane, hosts: [] })).toEqual([
            {
                propertyPath: "loadBalancer.placement",
                reason: `got "controlPlane", expected 'dedicated', or type 'haproxy' or 'nginx': 'lvs' needs hosts without kube-apiserver: two that do both would pass packets on to each other in a loop`,
            },
        ]);
    });
});

describe("the balancer's options", () => {
    const proxy = (options: KnownLoadBalancerArgs["proxy"], type: Type = Type.Haproxy) =>
        paths({ type, virtualAddress: VIP, proxy: options });
    const vrrp = (options: KnownLoadBalancerArgs["vrrp"]) => paths({ virtualAddress: VIP, vrrp: options });
    const lease = (options: KnownLoadBalancerArgs["kubeVip"]) =>
        paths({ type: Type.KubeVip, virtualAddress: VIP, kubeVip: options });

    it.each([
        ["balance", proxy({ balance: "random" as Balance }), ["loadBalancer.proxy.balance"]],
        [
            "checks",
            proxy({ check: { interval: 0, fall: 1.5 } }),
            ["loadBalancer.proxy.check.interval", "loadBalancer.proxy.check.fall"],
        ],
        [
            "an idle timeout that cuts watches",
            proxy({ timeouts: { client: 5 } }),
            ["loadBalancer.proxy.timeouts.client"],
        ],
        [
            "an open page of figures",
            proxy({ stats: { port: 9000, address: "0.0.0.0" } }),
            ["loadBalancer.proxy.stats.password"],
        ],
        ["a page of figures of nginx", proxy({ stats: { port: 9000 } }, Type.Nginx), ["loadBalancer.proxy.stats"]],
        [
            "what nginx cannot do",
            proxy({ balance: Balance.First, check: { slowStart: 5 }, timeouts: { client: 60 } }, Type.Nginx),
            ["loadBalancer.proxy.balance", "loadBalancer.proxy.check.slowStart", "loadBalancer.proxy.timeouts.client"],
        ],
        ["a check", proxy({ check: { kind: "http" as CheckKind } }), ["loadBalancer.proxy.check.kind"]],
        ["a log", proxy({ log: "all" as ProxyLog }), ["loadBalancer.proxy.log"]],
        [
            "limits of servers",
            proxy({ server: { maxConnections: 0, weight: 257 }, servers: { cp1: { maxQueue: 0 } } }),
            [
                "loadBalancer.proxy.server.maxConnections",
                "loadBalancer.proxy.server.weight",
                "loadBalancer.proxy.servers.cp1.maxQueue",
            ],
        ],
        ["a queue without a limit", proxy({ server: { maxQueue: 5 } }), ["loadBalancer.proxy.server.maxQueue"]],
        ["a server that is no node", proxy({ servers: { cp9: {} } }), ["loadBalancer.proxy.servers.cp9"]],
        ["no server with a weight", proxy({ server: { weight: 0 } }), ["loadBalancer.proxy.server.weight"]],
        [
            "a queue of one server without a limit",
            proxy({ servers: { cp1: { maxQueue: 5 } } }),
            ["loadBalancer.proxy.servers.cp1.maxQueue"],
        ],
        [
            "servers of nginx",
            proxy({ server: {}, servers: {}, check: { kind: "tcp" } }, Type.Nginx),
            ["loadBalancer.proxy.server", "loadBalancer.proxy.servers", "loadBalancer.proxy.check.kind"],
        ],
        ["a router's id", vrrp({ virtualRouterId: 256 }), ["loadBalancer.vrrp.virtualRouterId"]],
        ["a password of nine", vrrp({ password: "123456789" }), ["loadBalancer.vrrp.password"]],
        [
            "a password with fractions",
            vrrp({ password: "hush", advertInterval: 0.5 }),
            ["loadBalancer.vrrp.advertInterval"],
        ],
        ["a lease that ends before it is renewed", lease({ leaseDuration: 3 }), ["loadBalancer.kubeVip.leaseDuration"]],
        ["a renewal without a second try", lease({ retryPeriod: 3 }), ["loadBalancer.kubeVip.renewDeadline"]],
    ])("are refused by their path: %s", (_what, got, expected) => expect(got).toEqual(expected));

    const lone: KnownLoadBalancerArgs = { placement: Placement.Dedicated, hosts: [lb1] };
    const page = (address: string) => ({ proxy: { stats: { port: 9000, address, password: "Hush1234" } } });
    const first = (options: KnownLoadBalancerArgs["proxy"]) => ({
        virtualAddress: VIP,
        proxy: { balance: Balance.First, ...options },
    });
    const checked = (kind: CheckKind, timeout?: number) => ({
        virtualAddress: VIP,
        proxy: { check: { kind, timeout } },
    });
    const NO_WEIGHT = "none or 0, because haproxy ignores a weight with balance 'first'";
    const NO_TIMEOUT =
        "none, because a check of kind 'tcp' ends after timeouts.connect or check.interval, whichever is less";
    const WILDCARD =
        "0.0.0.0, :: or a loopback address, because all 3 hosts get the same file, and haproxy does not start on a host without this address";
    const NO_KEEPALIVED = "got an object, expected none, because no keepalived runs without virtualAddress";

    it.each<[string, KnownLoadBalancerArgs, string]>([
        ["stats.address", { virtualAddress: VIP, ...page("192.0.2.11") }, `got "192.0.2.11", expected ${WILDCARD}`],
        ["stats.address", { virtualAddress: VIP, ...page(VIP) }, `got "${VIP}", expected ${WILDCARD}`],
        ["check.timeout", checked(CheckKind.Tcp, 5), `got 5, expected ${NO_TIMEOUT}`],
        ["server.weight", first({ server: { weight: 10 } }), `got 10, expected ${NO_WEIGHT}`],
        ["servers.cp1.weight", first({ servers: { cp1: { weight: 10 } } }), `got 10, expected ${NO_WEIGHT}`],
    ])("without effect are refused: proxy.%s of %j", (at, given, reason) => {
        expect(faults(given)).toEqual([{ propertyPath: `loadBalancer.proxy.${at}`, reason }]);
    });

    it("of keepalived are refused where one host balances without a virtual address", () => {
        const expected = [{ propertyPath: "loadBalancer.vrrp", reason: NO_KEEPALIVED }];
        expect(faults({ ...lone, vrrp: { virtualRouterId: 7 } })).toEqual(expected);
        expect(faults({ ...lone, vrrp: { virtualRouterId: 7 }, virtualAddress: VIP })).toEqual([]);
    });

    it.each<[string, KnownLoadBalancerArgs]>([
        ["a page of every address", { virtualAddress: VIP, ...page("0.0.0.0") }],
        ["a page of every address of IPv6", { virtualAddress: VIP, ...page("::") }],
        ["a page of a loopback", { virtualAddress: VIP, ...page("127.0.0.1") }],
        ["a page of the only host's own address", { ...lone, ...page("192.0.2.10") }],
        ["a timeout of /readyz", checked(CheckKind.Readyz, 5)],
        ["a connection alone, with the default timeout", checked(CheckKind.Tcp)],
        ["a timeout of nginx's check", { type: Type.Nginx, virtualAddress: VIP, proxy: { check: { timeout: 5 } } }],
        ["no connections for one server", first({ servers: { cp1: { weight: 0 } } })],
        ["connections for one server alone", first({ server: { weight: 0 }, servers: { cp1: { weight: 1 } } })],
        ["weights", { virtualAddress: VIP, proxy: { server: { weight: 10 } } }],
    ])("are taken where they have an effect: %s", (_what, given) => expect(faults(given)).toEqual([]));

    it("show no secret", () => {
        const all = faults({
            virtualAddress: VIP,
            vrrp: { password: "not-good" },
            proxy: { stats: { port: 0, password: "a b" } },
        });
        expect(all.map((fault) => fault.propertyPath)).toEqual([
            "loadBalancer.proxy.stats.port",
            "loadBalancer.proxy.stats.password",
            "loadBalancer.vrrp.password",
        ]);
        expect(JSON.stringify(all)).not.toMatch(/not-good|a b/);
    });
});
