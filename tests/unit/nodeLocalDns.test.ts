import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { clusterArgs, node, resolvedLeader, resolvedNode } from "./fixtures";
import { nodeLocalDnsObjects } from "../../components/addons/nodeLocalDns";
import { kubernetesParameters } from "../../components/cluster/desiredState";
import { controlPlaneConfig, workerConfig } from "../../components/cluster/kubeadm";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { CniPlugin } from "../../components/model/cni";
import { NodeLocalCacheArgs } from "../../components/model/coreDns";
import { KubeProxyMode } from "../../components/model/network";

const settings = (nodeLocalCache: NodeLocalCacheArgs | undefined, changes: Partial<KnownClusterArgs> = {}) =>
    resolveSettings(clusterArgs({ coreDns: { nodeLocalCache }, ...changes }));
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an object of any kind
const objectsOf = (...args: Parameters<typeof settings>): any[] => nodeLocalDnsObjects(settings(...args));
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an object of any kind
const ofKind = (objects: any[], kind: string) => objects.find((object) => object.kind === kind);
const container = (...args: Parameters<typeof settings>) =>
    ofKind(objectsOf(...args), "DaemonSet").spec.template.spec.containers[0];
const corefile = (...args: Parameters<typeof settings>): string =>
    ofKind(objectsOf(...args), "ConfigMap").data.Corefile;
const kubelet = (...args: Parameters<typeof settings>) =>
    parseAllDocuments(controlPlaneConfig(settings(...args), resolvedLeader(node("cp1", 11))))
        .map((document) => document.toJSON())
        .find(({ kind }) => kind === "KubeletConfiguration");
const ipv6 = { network: { podSubnet: "fd00:10::/56", serviceSubnet: "fd00:20::/112" } };

describe("NodeLocal DNSCache", () => {
    it("is not there unless it is asked for", () => {
        expect(objectsOf(undefined)).toEqual([]);
        expect(kubelet(undefined).clusterDNS).toBeUndefined();
    });

    it("is upstream's objects", async () => {
        const text = `${JSON.stringify(objectsOf({}), undefined, 2)}\n`;
        await expect(text).toMatchFileSnapshot("../golden/node-local-dns.json");
    });

    it("with iptables takes the service's address too, so that kubelets tell pods nothing new", () => {
        expect(container({}).args).toContain("169.254.20.10,10.96.0.10");
        expect(corefile({})).toContain("bind 169.254.20.10 10.96.0.10\n");
        expect(corefile({})).toContain("forward . __PILLAR__CLUSTER__DNS__ {\n        force_tcp\n    }");
        expect(kubelet({}).clusterDNS).toBeUndefined();
    });

    it.each([KubeProxyMode.Ipvs, KubeProxyMode.Nftables, KubeProxyMode.None])(
        "with kube-proxy '%s' has its own address alone, and kubelets tell it",
        (kubeProxy) => {
            const changes = { network: { kubeProxy }, cni: { plugin: CniPlugin.None } };
            expect(container({}, changes).args).toContain("169.254.20.10");
            expect(corefile({}, changes)).not.toContain("bind 169.254.20.10 10.96.0.10");
            expect(corefile({}, changes)).toContain("forward . 10.96.0.10 {");
            expect(kubelet({}, changes).clusterDNS).toEqual(["169.254.20.10"]);
            const own = { ...changes, kubeletConfiguration: { clusterDNS: ["192.0.2.53"] } };
            expect(kubelet({}, own).clusterDNS).toEqual(["192.0.2.53"]);
        },
    );

    it("has the cluster's domain, addresses and registry, and an address and image of one's choice", () => {
        const changes = { network: { dnsDomain: "k.example.com", serviceSubnet: "10.43.0.0/16" } };
        expect(corefile({ address: "169.254.25.10" }, changes)).toContain("k.example.com:53 {");
        expect(corefile({ address: "169.254.25.10" }, changes)).toContain("bind 169.254.25.10 10.43.0.10");
        expect(container({}, { sources: { imageRepository: "r.example.com/k8s" } }).image).toBe(
            "r.example.com/k8s/dns/k8s-dns-node-cache:1.26.7",
        );
        expect(container({ image: "r.example.com/cache:1" }).image).toBe("r.example.com/cache:1");
    });

    it("speaks IPv6 where services do, first where they do both", () => {
        expect(corefile({}, ipv6)).toContain("bind fd00:90:64::a fd00:20::a\n");
        expect(corefile({}, ipv6)).toContain("health [fd00:90:64::a]:8080\n");
        expect(container({}, ipv6).livenessProbe.httpGet.host).toBe("fd00:90:64::a");
        const both = {
            network: { podSubnet: "10.244.0.0/16,fd00:10::/56", serviceSubnet: "10.96.0.0/12,fd00:20::/112" },
        };
        expect(container({}, both).args).toContain("169.254.20.10,10.96.0.10");
    });

    it("is rolled out to workers' kubelets when these must tell its address, and not otherwise", () => {
        const digest = (...args: Parameters<typeof settings>) =>
            kubernetesParameters(settings(...args), resolvedNode(node("w1", 21)), workerConfig).ROLLOUT_DIGEST;
        const ipvs = { network: { kubeProxy: KubeProxyMode.Ipvs } };
        expect(digest({}, ipvs)).not.toBe(digest(undefined, ipvs));
        expect(digest({})).toBe(digest(undefined));
    });

    it("its addresses are known to a host's release", () => {
        const parameters = kubernetesParameters(settings({}), resolvedNode(node("w1", 21)), workerConfig);
        expect(parameters.NODE_LOCAL_DNS).toEqual(["169.254.20.10", "10.96.0.10"]);
    });

    it("has its faults told by path", () => {
        const paths = (nodeLocalCache: NodeLocalCacheArgs, changes: Partial<KnownClusterArgs> = {}) =>
            clusterFaults(clusterArgs({ coreDns: { nodeLocalCache }, ...changes })).map(
                ({ propertyPath, reason }) => `${propertyPath}: ${reason}`,
            );
        const at = "coreDns.nodeLocalCache.address";
        expect(paths({ address: "169.254.20.10" })).toEqual([]);
        expect(paths({ address: "nowhere" })).toEqual([
            `${at}: got "nowhere", expected an IPv4 address, because serviceSubnet's first network is IPv4`,
        ]);
        expect(paths({ address: "fd00::a" })).toEqual([
            `${at}: got "fd00::a", expected an IPv4 address, because serviceSubnet's first network is IPv4`,
        ]);
        expect(paths({ address: "10.96.0.99" })).toEqual([
            `${at}: got "10.96.0.99", expected an unused address, link-local (169.254.0.0/16) or unique local (fd00::/8)`,
        ]);
        expect(paths({ image: "" })).toEqual(['coreDns.nodeLocalCache.image: got "", expected an image']);
    });
});
