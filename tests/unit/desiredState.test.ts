import { KeyAlgorithm } from "../../components/lib/certificates";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { SIGNING_KEY, clusterArgs, node, resolvedNode, resolvedLeader } from "./fixtures";
import { controlPlaneParameters, kubernetesParameters, workerParameters } from "../../components/cluster/desiredState";
import { controlPlaneConfig, workerConfig } from "../../components/cluster/kubeadm";
import { etcdConfig } from "../../components/etcd/config";
import { memberParameters } from "../../components/etcd/memberParameters";
import { etcdPod } from "../../components/etcd/pod";
import { standaloneKubelet } from "../../components/etcd/standaloneKubelet";
import { preamble } from "../../components/host/contract";
import { resolveSettings } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { AutoCompactionMode, EtcdOptionsArgs, resolveEtcdOptions } from "../../components/model/etcdOptions";
import { KnownNodeArgs } from "../../components/model/nodes";
import { LoadBalancerPlacement, LoadBalancerType } from "../../components/model/loadBalancerType";

const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJSON());
const golden = (name: string) => `../golden/${name}`;

describe("a node's desired state", () => {
    const desired = (args = clusterArgs()) => {
        const resolved = resolveSettings(args);
        const cp1 = args.controlPlaneNodes[0];
        return {
            ...kubernetesParameters(resolved, resolvedLeader(cp1), controlPlaneConfig),
            ...controlPlaneParameters(resolved, resolvedLeader(cp1)),
        };
    };

    it("as the scripts get it", async () => {
        await expect(preamble(desired())).toMatchFileSnapshot(golden("control-plane.env"));
    });

    it("of a control plane node does not change when a worker comes or goes", () => {
        expect(desired(clusterArgs({ workerNodes: [] }))).toEqual(desired());
    });

    it.each([
        ["nginx", { type: LoadBalancerType.Nginx, virtualAddress: "192.0.2.100" }, ["nginx", "keepalived"]],
        ["keepalived", { type: LoadBalancerType.Keepalived, virtualAddress: "192.0.2.100" }, ["keepalived"]],
        ["kube-vip", { type: LoadBalancerType.KubeVip, virtualAddress: "192.0.2.100" }, ["kube-vip"]],
        ["node-local", { placement: LoadBalancerPlacement.NodeLocal }, ["node-local"]],
        [
            "LVS on other hosts",
            {
                type: LoadBalancerType.Lvs,
                placement: LoadBalancerPlacement.Dedicated,
                hosts: [node("lb1", 10)],
                virtualAddress: "192.0.2.100",
            },
            ["real-server"],
        ],
        ["external", { type: LoadBalancerType.External }, []],
    ])("names the parts of a balancer that shall run there: %s", (_name, loadBalancer, parts) => {
        const args = clusterArgs({ loadBalancer, controlPlaneEndpoint: "k8s.example.com" });
        expect(desired(args).LOAD_BALANCER).toEqual(parts);
    });

    it("with a balancer on every node, has the same local endpoint on all, and a kubeconfig that leads in from outside", () => {
        const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal };
        const resolved = resolveSettings(clusterArgs({ loadBalancer }));
        expect(resolved.endpoint).toEqual({ host: "127.0.0.1", port: 8443 });
        expect(resolved.clientEndpoint).toEqual({ host: "192.0.2.11", port: 6443 });
        expect(workerParameters(resolved, resolvedNode(node("w1", 21)))).toMatchObject({
            LOAD_BALANCER: ["node-local"],
            CONTROL_PLANE_ADDRESSES: ["192.0.2.11", "192.0.2.12", "192.0.2.13"],
        });
        const [, cluster] = documents(controlPlaneConfig(resolved, resolvedLeader(node("cp1", 11))));
        expect(cluster.controlPlaneEndpoint).toBe("127.0.0.1:8443");
        expect(cluster.apiServer.certSANs).toEqual(["127.0.0.1", "192.0.2.11", "localhost"]);
        const named = resolveSettings(clusterArgs({ loadBalancer, controlPlaneEndpoint: "k8s.example.com" }));
        expect(named.clientEndpoint).toEqual({ host: "k8s.example.com", port: 6443 });
    });

    it("carries registries and a proxy, with the cluster's own networks kept off it", () => {
        const sources = {
            registryMirrors: { "docker.io": "https://mirror:5000/", "quay.io": "https://mirror:5000/v2/quay/" },
            registries: { "mirror:5000": { username: "u", password: "p" }, "r.example.com": { caCertificate: "CA" } },
            proxy: { https: "http://192.0.2.3:3128", no: ["192.0.2.0/24", "*.example.com"] },
        };
        expect(desired(clusterArgs({ sources }))).toMatchObject({
            REGISTRIES: [
                "docker.io https://mirror:5000",
                "quay.io https://mirror:5000/v2/quay",
                "mirror:5000 https://mirror:5000",
                "r.example.com https://r.example.com",
            ],
            REGISTRY_CAS: ["r.example.com Q0E="],
            PROXY_NONE:
                "localhost,127.0.0.1,.svc,.cluster.local,192.0.2.100,10.244.0.0/16,10.96.0.0/12,192.0.2.0/24,.example.com",
        });
    });

    it("logs in at a mirror's host for its own images too, as the mirror is spoken to", () => {
        const sources = {
            registryMirrors: { "docker.io": "http://mirror:5000/v2/hub" },
            registries: { "mirror:5000": { username: "u", password: "p" }, mirror: { username: "u", password: "p" } },
        };
        expect(desired(clusterArgs({ sources })).REGISTRIES).toEqual([
            "docker.io http://mirror:5000/v2/hub",
            "mirror:5000 http://mirror:5000",
            "mirror https://mirror",
        ]);
    });

    it("asks for a rollout when a certificate name is added, not when a mirror of packages moves", () => {
        const repository = { uri: "http://192.0.2.2/k", suite: "/", key: SIGNING_KEY };
        expect(desired(clusterArgs({ certSANs: ["k.example.com"] })).ROLLOUT_DIGEST).not.toBe(desired().ROLLOUT_DIGEST);
        const pki = { encryptionAlgorithm: KeyAlgorithm.Rsa2048, certificateValidityPeriod: "48h" };
        expect(desired(clusterArgs({ pki })).ROLLOUT_DIGEST).toBe(desired().ROLLOUT_DIGEST);
        expect(desired(clusterArgs({ sources: { kubernetes: repository } })).ROLLOUT_DIGEST).toBe(
            desired().ROLLOUT_DIGEST,
        );
    });

    it("of a worker asks for a rollout when the configuration of all kubelets changes", () => {
        const worker = (kubeletConfiguration: Record<string, unknown>) => {
            const resolved = resolveSettings(clusterArgs({ kubeletConfiguration }));
            return kubernetesParameters(resolved, resolvedNode(node("w1", 21)), workerConfig);
        };
        expect(worker({ maxPods: 50 }).ROLLOUT_DIGEST).not.toBe(worker({}).ROLLOUT_DIGEST);
        expect(worker({ failCgroupV1: false }).IGNORED_PREFLIGHT_ERRORS).toBe("SystemVerification");
        expect(worker({}).IGNORED_PREFLIGHT_ERRORS).toBe("");
    });

    it("asks for no rollout when a taint changes: that is set on the Node", () => {
        const taints = [{ key: "gpu", effect: "NoSchedule" }];
        const digests = (more: Partial<KnownNodeArgs>) => {
            const resolved = resolveSettings(clusterArgs());
            const one = { ...node("n1", 11), ...more };
            return [
                kubernetesParameters(resolved, resolvedLeader(one), controlPlaneConfig).ROLLOUT_DIGEST,
                kubernetesParameters(resolved, resolvedNode(one), workerConfig).ROLLOUT_DIGEST,
            ];
        };
        expect(digests({ taints })).toEqual(digests({}));
        expect(digests({ kubeletExtraArgs: [{ name: "v", value: "4" }] })).not.toEqual(digests({}));
    });

    it("asks for no rollout when a control plane node is added: that is a reload of the balancer", () => {
        const more = clusterArgs({ controlPlaneNodes: [11, 12, 13, 14, 15].map((n) => node(`cp${n - 10}`, n)) });
        expect(desired(more).ROLLOUT_DIGEST).toBe(desired().ROLLOUT_DIGEST);
        expect(desired(more).HAPROXY_CONFIG).toContain("cp5");
    });
});

describe("an etcd member that is not kubeadm's", () => {
    const options = resolveEtcdOptions({
        quotaBackendBytes: 4294967296,
        heartbeatInterval: 200,
        electionTimeout: 2000,
        autoCompactionMode: AutoCompactionMode.Periodic,
        autoCompactionRetention: "1h",
        snapshotCount: 5000,
    });

    it("its configuration file", async () => {
        await expect(etcdConfig(resolvedNode(node("e1", 31)), options)).toMatchFileSnapshot(golden("etcd.yaml"));
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
            memberParameters(settingsOf(etcd, count), resolvedNode(node("e31", 31)));
        expect(parameters({}, 3).ETCD_DIGEST).toBe(parameters({}, 1).ETCD_DIGEST);
        expect(parameters({}, 3).ETCD_PEERS).toEqual(["e32=192.0.2.32", "e33=192.0.2.33"]);
        expect(parameters({ snapshotCount: 1 }, 3).ETCD_DIGEST).not.toBe(parameters({}, 3).ETCD_DIGEST);
        expect(parameters({}, 3).ETCD_ARCHIVE).toBe(
            "https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-{arch}.tar.gz",
        );
    });
});
