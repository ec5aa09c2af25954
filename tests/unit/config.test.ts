import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { bootstrapToken } from "../../components/config/bootstrapToken";
import { controlPlaneConfig, uploadConfig, workerConfig } from "../../components/config/kubeadm";
import { kubeconfig } from "../../components/config/kubeconfig";
import { resolveSettings } from "../../components/settings";
import { EtcdTopology } from "../../components/types";
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
