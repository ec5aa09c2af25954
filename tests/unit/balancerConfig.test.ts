import { describe, expect, it } from "vitest";
import { exampleArgs, exampleConfig } from "./exampleArgs";
import { clusterArgs } from "./fixtures";
import { externalBalancerDuty } from "../../components/load-balancer/external";
import { haproxyConfig } from "../../components/load-balancer/haproxy";
import { keepalivedConfig } from "../../components/load-balancer/keepalived";
import { kubeVipManifest } from "../../components/load-balancer/kubeVip";
import { nginxBackends, nginxConfig } from "../../components/load-balancer/nginx";
import { nodeLocalManifest } from "../../components/load-balancer/nodeLocal";
import { balancerParameters } from "../../components/load-balancer/parts";
import { resolveSettings } from "../../components/model/cluster";
import { resolveKubeVip } from "../../components/model/kubeVip";
import { resolveVrrp } from "../../components/model/vrrp";
import { LoadBalancerType } from "../../components/model/loadBalancerType";
import { Balance, BalancerProxyArgs, resolveProxy } from "../../components/model/proxy";

const golden = (name: string) => `../golden/${name}`;

describe("the balancer's configuration", () => {
    const backends = [
        { name: "cp1", address: "192.0.2.11", port: 6443 },
        { name: "cp2", address: "192.0.2.12", port: 6443 },
    ];

    it("haproxy.cfg", async () => {
        const config = { port: 8443, backends, settings: resolveProxy() };
        await expect(haproxyConfig(config)).toMatchFileSnapshot(golden("haproxy.cfg"));
    });

    it("haproxy.cfg with limits and a log of connections, as a service", () => {
        const limited = resolveProxy({ log: "connections", servers: { cp1: { maxConnections: 5 } } });
        const text = haproxyConfig({ port: 8443, backends, settings: limited });
        expect(text).toContain("log /dev/log local0 info\n    user haproxy\n");
        expect(text).toContain("    default_backend kube-apiservers\n    option tcplog\n\nbackend");
        expect(text).toContain("timeout queue 60s");
        expect(text).toMatch(
            /option httpchk[^]*server cp1 192\.0\.2\.11:6443 maxconn 5\n    server cp2 192\.0\.2\.12:6443\n/,
        );
    });

    it("haproxy.cfg with every knob, in a pod, without the password", async () => {
        const proxy: BalancerProxyArgs = {
            balance: Balance.RoundRobin,
            maxConnections: 100,
            log: "connections",
            server: { maxConnections: 250, maxQueue: 256, weight: 100 },
            servers: { cp2: { weight: 0 } },
            check: {
                kind: "tcp",
                interval: 3,
                fastInterval: 1,
                downInterval: 2,
                timeout: 1.5,
                rise: 3,
                fall: 4,
                slowStart: 0,
            },
            timeouts: { connect: 1, client: 600, server: 900 },
            stats: { port: 9000, address: "192.0.2.10", user: "ops", password: "hush" },
        };
        const config = { address: "127.0.0.1", port: 8443, backends, settings: resolveProxy(proxy), inPod: true };
        expect(haproxyConfig(config)).not.toContain("hush");
        await expect(haproxyConfig(config)).toMatchFileSnapshot(golden("haproxy-knobs.cfg"));
    });

    it("haproxy.cfg of examples/mosip", async () => {
        const { loadBalancer } = resolveSettings(exampleArgs(exampleConfig("mosip")));
        const { HAPROXY_CONFIG } = balancerParameters(loadBalancer, loadBalancer.balancers[0]);
        await expect(HAPROXY_CONFIG).toMatchFileSnapshot(golden("haproxy-mosip.cfg"));
    });

    it("nginx.conf, on a host and in a pod", async () => {
        const config = { port: 6443, backends, settings: resolveProxy() };
        await expect(nginxConfig(config)).toMatchFileSnapshot(golden("nginx.conf"));
        const inPod = { ...config, address: "127.0.0.1", port: 8443, inPod: true };
        const logged = { ...inPod, settings: resolveProxy({ log: "connections" }) };
        expect(nginxConfig(logged)).toContain("access_log /dev/stdout connections if=$logged;");
        expect(nginxConfig({ ...logged, inPod: false })).toContain(
            "access_log syslog:server=unix:/dev/log connections",
        );
        await expect(nginxConfig(inPod)).toMatchFileSnapshot(golden("nginx-pod.conf"));
        expect(nginxBackends([...backends, { name: "cp3", address: "2001:db8::13", port: 6443 }])).toEqual([
            ...["192.0.2.11:6443", "192.0.2.12:6443", "[2001:db8::13]:6443"],
        ]);
    });

    it("an external balancer's owner is told what to set up", () => {
        const args = clusterArgs({
            loadBalancer: { type: LoadBalancerType.External },
            controlPlaneEndpoint: "k8s.example.com",
        });
        expect(externalBalancerDuty(resolveSettings(args))).toBe(
            "loadBalancer: k8s.example.com:6443 is an external balancer, which you set up yourself: TCP without TLS termination, to " +
                "192.0.2.11:6443, 192.0.2.12:6443, 192.0.2.13:6443; check: HTTPS GET /readyz, without verifying the " +
                "certificate, expect 200, every second, out after two failures.",
        );
    });

    it("static pods", async () => {
        const lease = resolveKubeVip();
        await expect(kubeVipManifest({ nodeName: "cp1", virtualAddress: "192.0.2.100", lease })).toMatchFileSnapshot(
            golden("kube-vip.yaml"),
        );
        await expect(nodeLocalManifest("haproxy", 8443)).toMatchFileSnapshot(golden("node-local-haproxy.yaml"));
        await expect(nodeLocalManifest("nginx", 8443)).toMatchFileSnapshot(golden("node-local-nginx.yaml"));
    });

    it("keepalived.conf", async () => {
        const config = {
            address: "192.0.2.11",
            peers: ["192.0.2.12"],
            rank: 0,
            virtualAddress: "192.0.2.100",
            port: 8443,
        };
        const vrrp = resolveVrrp({ advertInterval: 0.5 });
        await expect(keepalivedConfig({ ...config, vrrp })).toMatchFileSnapshot(golden("keepalived.conf"));
        const other = resolveVrrp({ virtualRouterId: 52, multicast: true, password: "hush" });
        const text = keepalivedConfig({ ...config, rank: 1, vrrp: other });
        expect(text).not.toContain("hush");
        await expect(text).toMatchFileSnapshot(golden("keepalived-multicast.conf"));
    });

    it("keepalived.conf of examples/lvs", async () => {
        const { loadBalancer } = resolveSettings(exampleArgs(exampleConfig("lvs")));
        const { LOAD_BALANCER, KEEPALIVED_CONFIG } = balancerParameters(loadBalancer, loadBalancer.balancers[0]);
        expect(LOAD_BALANCER).toEqual(["lvs", "keepalived"]);
        await expect(KEEPALIVED_CONFIG).toMatchFileSnapshot(golden("keepalived-lvs.conf"));
    });
});
