import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { bootstrapToken } from "../../components/config/bootstrapToken";
import { etcdConfig, withEtcdDefaults } from "../../components/config/etcd";
import { haproxyConfig } from "../../components/config/haproxy";
import { keepalivedConfig } from "../../components/config/keepalived";
import { controlPlaneConfig, uploadConfig, workerConfig } from "../../components/config/kubeadm";
import { kubeconfig } from "../../components/config/kubeconfig";
import { controlPlaneParameters, kubernetesParameters } from "../../components/desiredState";
import { preamble } from "../../components/remote/parameters";
import { resolveSettings } from "../../components/settings";
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
        await expect(haproxyConfig({ port: 8443, backends })).toMatchFileSnapshot(golden("haproxy.cfg"));
    });

    it("keepalived.conf", async () => {
        const config = {
            address: "192.0.2.11",
            peers: ["192.0.2.12"],
            virtualAddress: "192.0.2.100",
            virtualRouterId: 51,
            advertInterval: 0.5,
            port: 8443,
        };
        await expect(keepalivedConfig(config)).toMatchFileSnapshot(golden("keepalived.conf"));
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

describe("an etcd member's configuration", () => {
    it("under systemd", async () => {
        await expect(
            etcdConfig(node("e1", 31), withEtcdDefaults({ quotaBackendBytes: 4294967296 })),
        ).toMatchFileSnapshot(golden("etcd.yaml"));
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
