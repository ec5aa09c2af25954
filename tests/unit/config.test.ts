import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { bootstrapToken } from "../../components/config/bootstrapToken";
import { etcdConfig, withEtcdDefaults } from "../../components/config/etcd";
import { etcdPod } from "../../components/config/etcdPod";
import { externalBalancerDuty } from "../../components/config/externalBalancer";
import { haproxyConfig } from "../../components/config/haproxy";
import { keepalivedConfig } from "../../components/config/keepalived";
import { kubeVipManifest } from "../../components/config/kubeVip";
import { nginxBackends, nginxConfig } from "../../components/config/nginx";
import { nodeLocalManifest } from "../../components/config/nodeLocal";
import { controlPlaneConfig, uploadConfig, workerConfig } from "../../components/config/kubeadm";
import { kubeconfig } from "../../components/config/kubeconfig";
import { standaloneKubelet } from "../../components/config/standaloneKubelet";
import { controlPlaneParameters, kubernetesParameters, workerParameters } from "../../components/desiredState";
import { memberParameters } from "../../components/etcdMember";
import { resolveLoadBalancer, resolveProxy } from "../../components/loadBalancerSettings";
import { preamble } from "../../components/remote/parameters";
import { resolveSettings } from "../../components/settings";
import {
    AutoCompactionMode,
    Balance,
    BalancerProxyArgs,
    EtcdOptionsArgs,
    EtcdTopology,
    LoadBalancerPlacement,
    LoadBalancerType,
} from "../../components/types";
import { clusterArgs, dedicatedArgs, node } from "./fixtures";

const settings = resolveSettings(clusterArgs());
const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJSON());
const golden = (name: string) => `../golden/${name}`;

describe("kubeadm's configuration", () => {
    it("of a control plane node", async () => {
        await expect(controlPlaneConfig(settings, node("cp2", 12))).toMatchFileSnapshot(
            golden("kubeadm-control-plane.yaml"),
        );
    });

    it("of a worker node", async () => {
        await expect(workerConfig(settings, { ...node("w1", 21), labels: { disk: "ssd" } })).toMatchFileSnapshot(
            golden("kubeadm-worker.yaml"),
        );
    });

    it("uploaded carries no member's own flags, which later joins would inherit", () => {
        const text = uploadConfig(settings, node("cp1", 11), [
            { node: "w1", id: "abcdef", secret: "0123456789abcdef" },
        ]);
        expect(text).not.toContain("initial-cluster");
        const [init] = documents(text);
        expect(init.bootstrapTokens).toEqual([
            expect.objectContaining({ token: "abcdef.0123456789abcdef", ttl: "0s" }),
        ]);
    });

    it("of a control plane node whose etcd is not kubeadm's names its endpoints and the client's files", () => {
        const hosts = [node("etcd1", 31)];
        const external = resolveSettings(clusterArgs({ etcd: { topology: EtcdTopology.External, hosts } }));
        const [, cluster] = documents(controlPlaneConfig(external, node("cp1", 11)));
        expect(cluster.etcd).toEqual({
            external: {
                endpoints: ["https://192.0.2.31:2379"],
                caFile: "/etc/kubernetes/pki/etcd/ca.crt",
                certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
                keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
            },
        });
    });

    it("carries etcd's options to a stacked member", () => {
        const etcd = { quotaBackendBytes: 2 ** 33, dataDir: "/srv/etcd", listenMetricsUrls: ["http://0.0.0.0:2381"] };
        const [, cluster] = documents(controlPlaneConfig(resolveSettings(clusterArgs({ etcd })), node("cp1", 11)));
        expect(cluster.etcd.local).toEqual({
            dataDir: "/srv/etcd",
            extraArgs: [
                { name: "quota-backend-bytes", value: "8589934592" },
                { name: "listen-metrics-urls", value: "http://0.0.0.0:2381" },
            ],
        });
    });

    it("every certificate carries all names that lead to the endpoint", () => {
        const named = resolveSettings(
            dedicatedArgs({ controlPlaneEndpoint: "k8s.example.com", certSANs: ["192.0.2.250"] }),
        );
        const [, cluster] = documents(controlPlaneConfig(named, node("cp1", 11)));
        expect(cluster.apiServer.certSANs).toEqual(["k8s.example.com", "lb1", "192.0.2.10", "192.0.2.250"]);
        expect(cluster.controlPlaneEndpoint).toBe("k8s.example.com:6443");
    });
});

describe("the balancer's configuration", () => {
    const backends = [
        { name: "cp1", address: "192.0.2.11", port: 6443 },
        { name: "cp2", address: "192.0.2.12", port: 6443 },
    ];

    it("haproxy.cfg", async () => {
        const config = { port: 8443, backends, settings: resolveProxy() };
        await expect(haproxyConfig(config)).toMatchFileSnapshot(golden("haproxy.cfg"));
    });

    it("haproxy.cfg with every knob, in a pod, without the password", async () => {
        const proxy: BalancerProxyArgs = {
            balance: Balance.RoundRobin,
            maxConnections: 100,
            check: { interval: 3, fastInterval: 1, downInterval: 2, timeout: 1.5, rise: 3, fall: 4, slowStart: 0 },
            timeouts: { connect: 1, client: 600, server: 900 },
            stats: { port: 9000, address: "192.0.2.10", user: "ops", password: "hush" },
        };
        const config = { address: "127.0.0.1", port: 8443, backends, settings: resolveProxy(proxy), inPod: true };
        expect(haproxyConfig(config)).not.toContain("hush");
        await expect(haproxyConfig(config)).toMatchFileSnapshot(golden("haproxy-knobs.cfg"));
    });

    it("nginx.conf, on a host and in a pod", async () => {
        const config = { port: 6443, backends, settings: resolveProxy() };
        await expect(nginxConfig(config)).toMatchFileSnapshot(golden("nginx.conf"));
        const inPod = { ...config, address: "127.0.0.1", port: 8443, inPod: true };
        await expect(nginxConfig(inPod)).toMatchFileSnapshot(golden("nginx-pod.conf"));
        expect(nginxBackends([...backends, { name: "cp3", address: "2001:db8::13", port: 6443 }])).toBe(
            "192.0.2.11:6443 192.0.2.12:6443 [2001:db8::13]:6443",
        );
    });

    it("an external balancer's owner is told what to set up", () => {
        const args = clusterArgs({
            loadBalancer: { type: LoadBalancerType.External },
            controlPlaneEndpoint: "k8s.example.com",
        });
        expect(externalBalancerDuty(resolveSettings(args))).toBe(
            "loadBalancer: k8s.example.com:6443 is yours to set up: TCP, passed through (no TLS of its own), to " +
                "192.0.2.11:6443, 192.0.2.12:6443, 192.0.2.13:6443; check: HTTPS GET /readyz, without verifying the " +
                "certificate, expect 200, every second, out after two failures.",
        );
    });

    it("static pods", async () => {
        const lease = resolveLoadBalancer().kubeVip;
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
        const vrrp = { virtualRouterId: 51, advertInterval: 0.5, multicast: false };
        await expect(keepalivedConfig({ ...config, vrrp })).toMatchFileSnapshot(golden("keepalived.conf"));
        const other = { virtualRouterId: 52, advertInterval: 1, multicast: true, password: "hush" };
        const text = keepalivedConfig({ ...config, rank: 1, vrrp: other });
        expect(text).not.toContain("hush");
        await expect(text).toMatchFileSnapshot(golden("keepalived-multicast.conf"));
    });
});

describe("a node's desired state", () => {
    const desired = (args = clusterArgs()) => {
        const resolved = resolveSettings(args);
        const cp1 = args.controlPlaneNodes[0];
        return {
            ...kubernetesParameters(resolved, cp1, controlPlaneConfig(resolved, cp1)),
            ...controlPlaneParameters(resolved, cp1),
        };
    };

    it("as the scripts get it", async () => {
        await expect(preamble(desired())).toMatchFileSnapshot(golden("control-plane.env"));
    });

    it("of a control plane node does not change when a worker comes or goes", () => {
        expect(desired(clusterArgs({ workerNodes: [] }))).toEqual(desired());
    });

    it.each([
        ["nginx", { type: LoadBalancerType.Nginx, virtualAddress: "192.0.2.100" }, "nginx keepalived"],
        ["keepalived", { type: LoadBalancerType.Keepalived, virtualAddress: "192.0.2.100" }, "keepalived"],
        ["kube-vip", { type: LoadBalancerType.KubeVip, virtualAddress: "192.0.2.100" }, "kube-vip"],
        ["node-local", { placement: LoadBalancerPlacement.NodeLocal }, "node-local"],
        ["external", { type: LoadBalancerType.External }, ""],
    ])("names the parts of a balancer that shall run there: %s", (_name, loadBalancer, parts) => {
        const args = clusterArgs({ loadBalancer, controlPlaneEndpoint: "k8s.example.com" });
        expect(desired(args).LOAD_BALANCER).toBe(parts);
    });

    it("with a balancer on every node, has the same local endpoint on all, and a kubeconfig that leads in from outside", () => {
        const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal };
        const resolved = resolveSettings(clusterArgs({ loadBalancer }));
        expect(resolved.endpoint).toEqual({ host: "127.0.0.1", port: 8443 });
        expect(resolved.clientEndpoint).toEqual({ host: "192.0.2.11", port: 6443 });
        expect(workerParameters(resolved, node("w1", 21))).toMatchObject({
            LOAD_BALANCER: "node-local",
            CONTROL_PLANE_ADDRESSES: "192.0.2.11 192.0.2.12 192.0.2.13",
        });
        const [, cluster] = documents(controlPlaneConfig(resolved, node("cp1", 11)));
        expect(cluster.controlPlaneEndpoint).toBe("127.0.0.1:8443");
        expect(cluster.apiServer.certSANs).toEqual(["127.0.0.1", "192.0.2.11", "localhost"]);
        const named = resolveSettings(clusterArgs({ loadBalancer, controlPlaneEndpoint: "k8s.example.com" }));
        expect(named.clientEndpoint).toEqual({ host: "k8s.example.com", port: 6443 });
    });

    it("carries registries and a proxy, with the cluster's own networks kept off it", () => {
        const sources = {
            registryMirrors: { "docker.io": "https://mirror:5000" },
            registries: { "mirror:5000": { username: "u", password: "p" }, "r.example.com": { caCertificate: "CA" } },
            proxy: { https: "http://192.0.2.3:3128", no: ["192.0.2.0/24"] },
        };
        expect(desired(clusterArgs({ sources }))).toMatchObject({
            REGISTRIES: "docker.io https://mirror:5000\nr.example.com https://r.example.com",
            REGISTRY_CAS: "r.example.com Q0E=",
            PROXY_NONE: "localhost,127.0.0.1,.svc,.cluster.local,192.0.2.100,10.244.0.0/16,10.96.0.0/12,192.0.2.0/24",
        });
    });

    it("asks for a rollout when a certificate name is added, not when a mirror of packages moves", () => {
        const repository = { uri: "http://192.0.2.2/k", suite: "/", key: "-----BEGIN PGP PUBLIC KEY BLOCK-----" };
        expect(desired(clusterArgs({ certSANs: ["k.example.com"] })).ROLLOUT_DIGEST).not.toBe(desired().ROLLOUT_DIGEST);
        expect(desired(clusterArgs({ sources: { kubernetes: repository } })).ROLLOUT_DIGEST).toBe(
            desired().ROLLOUT_DIGEST,
        );
    });

    it("asks for no rollout when a control plane node is added: that is a reload of the balancer", () => {
        const more = clusterArgs({ controlPlaneNodes: [11, 12, 13, 14, 15].map((n) => node(`cp${n - 10}`, n)) });
        expect(desired(more).ROLLOUT_DIGEST).toBe(desired().ROLLOUT_DIGEST);
        expect(desired(more).HAPROXY_CONFIG).toContain("cp5");
    });
});

describe("an etcd member that is not kubeadm's", () => {
    const options = withEtcdDefaults({
        quotaBackendBytes: 4294967296,
        heartbeatInterval: 200,
        electionTimeout: 2000,
        autoCompactionMode: AutoCompactionMode.Periodic,
        autoCompactionRetention: "1h",
        snapshotCount: 5000,
    });

    it("its configuration file", async () => {
        await expect(etcdConfig(node("e1", 31), options)).toMatchFileSnapshot(golden("etcd.yaml"));
    });

    it("its static pod, which changes with the configuration", async () => {
        const pod = (config: string) => etcdPod("registry.k8s.io/etcd:3.6.8-0", config, options);
        await expect(pod("name: e1")).toMatchFileSnapshot(golden("etcd-pod.yaml"));
        expect(pod("name: e2")).not.toBe(pod("name: e1"));
    });

    it("the kubelet of a host that is no node", async () => {
        const text = standaloneKubelet({ cgroupDriver: "cgroupfs" });
        await expect(text).toMatchFileSnapshot(golden("standalone-kubelet.yaml"));
    });

    it("is restarted by a change of its own, and by no other member's coming", () => {
        const settingsOf = (etcd: EtcdOptionsArgs, count: number) =>
            resolveSettings(
                clusterArgs({
                    etcd: {
                        topology: EtcdTopology.External,
                        hosts: [31, 32, 33].slice(0, count).map((n) => node(`e${n}`, n)),
                        ...etcd,
                    },
                }),
            ).etcd;
        const parameters = (etcd: EtcdOptionsArgs, count: number) =>
            memberParameters(settingsOf(etcd, count), node("e31", 31));
        expect(parameters({}, 3).ETCD_DIGEST).toBe(parameters({}, 1).ETCD_DIGEST);
        expect(parameters({}, 3).ETCD_PEERS).toBe("e32=192.0.2.32 e33=192.0.2.33");
        expect(parameters({ snapshotCount: 1 }, 3).ETCD_DIGEST).not.toBe(parameters({}, 3).ETCD_DIGEST);
        expect(parameters({}, 3).ETCD_ARCHIVE).toBe(
            "https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-{arch}.tar.gz",
        );
    });
});

describe("a kubeconfig", () => {
    it("has its certificates inside", () => {
        const text = kubeconfig({
            clusterName: "c",
            endpoint: "192.0.2.1:6443",
            caCertificate: "CA",
            userName: "u",
            credentials: { certificate: "C", privateKey: "K" },
        });
        const [config] = documents(text);
        expect(config.users[0].user).toEqual({ "client-certificate-data": "Qw==", "client-key-data": "Sw==" });
        expect(config.clusters[0].cluster.server).toBe("https://192.0.2.1:6443");
    });
});

describe("a bootstrap token", () => {
    it("has Kubernetes' form, and is another one for a new machine of the same name", () => {
        const token = bootstrapToken("key", node("w1", 21));
        expect(`${token.id}.${token.secret}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
        expect(bootstrapToken("key", node("w1", 21))).toEqual(token);
        expect(bootstrapToken("key", { ...node("w1", 21), hostKey: "ssh-ed25519 BBBB" }).secret).not.toBe(token.secret);
        expect(bootstrapToken("other", node("w1", 21)).secret).not.toBe(token.secret);
    });
});
