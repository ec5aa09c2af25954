import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { bootstrapToken } from "../../components/cluster/tokens";
import { KeyAlgorithm } from "../../components/lib/certificates";
import { controlPlaneConfig, uploadConfig, workerConfig } from "../../components/cluster/kubeadm";
import { controlPlaneObjects, nodeObjects } from "../../components/cluster/nodeObjects";
import { kubeconfig } from "../../components/cluster/kubeconfig";
import { resolveSettings } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { KnownNodeArgs } from "../../components/model/nodes";
import { clusterArgs, dedicatedArgs, node, resolvedLeader, resolvedNode } from "./fixtures";

const settings = resolveSettings(clusterArgs());
const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJSON());
const golden = (name: string) => `../golden/${name}`;

describe("kubeadm's configuration", () => {
    it("of a control plane node", async () => {
        await expect(controlPlaneConfig(settings, resolvedLeader(node("cp2", 12)))).toMatchFileSnapshot(
            golden("kubeadm-control-plane.yaml"),
        );
    });

    it("of a worker node", async () => {
        await expect(
            workerConfig(settings, resolvedNode({ ...node("w1", 21), labels: { disk: "ssd" } })),
        ).toMatchFileSnapshot(golden("kubeadm-worker.yaml"));
    });

    it("uploaded carries no member's own flags, which later joins would inherit", () => {
        expect(uploadConfig(settings, resolvedLeader(node("cp1", 11)))).not.toContain("initial-cluster");
    });

    it("uploaded has one token that expires at once, since kubeadm would make one that is good for a day", () => {
        const [init] = documents(uploadConfig(settings, resolvedLeader(node("cp1", 11))));
        expect(init.bootstrapTokens).toEqual([
            {
                token: "unused.0000000000000000",
                ttl: "1ns",
                usages: ["authentication"],
                groups: ["system:bootstrappers:pulumi-kubeadm:none"],
            },
        ]);
    });

    it("of a control plane node whose etcd is not kubeadm's names its endpoints and the client's files", () => {
        const hosts = [node("etcd1", 31)];
        const external = resolveSettings(clusterArgs({ etcd: { topology: EtcdTopology.External, hosts } }));
        const [, cluster] = documents(controlPlaneConfig(external, resolvedLeader(node("cp1", 11))));
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
        const names = { serverCertSANs: ["etcd.example.com"], peerCertSANs: ["198.51.100.7"] };
        const options = {
            quotaBackendBytes: 2 ** 33,
            dataDir: "/srv/etcd",
            listenMetricsUrls: ["http://0.0.0.0:2381"],
        };
        const etcd = { ...options, ...names };
        const [, cluster] = documents(
            controlPlaneConfig(resolveSettings(clusterArgs({ etcd })), resolvedLeader(node("cp1", 11))),
        );
        expect(cluster.etcd.local).toEqual({
            dataDir: "/srv/etcd",
            extraArgs: [
                { name: "quota-backend-bytes", value: "8589934592" },
                { name: "snapshot-count", value: "500" },
                { name: "listen-metrics-urls", value: "http://0.0.0.0:2381" },
            ],
            ...names,
        });
    });

    it("has the kind of keys and the validity of certificates", () => {
        const pki = { encryptionAlgorithm: KeyAlgorithm.EcdsaP384, certificateValidityPeriod: "48h" };
        const [, cluster] = documents(
            controlPlaneConfig(resolveSettings(clusterArgs({ pki })), resolvedLeader(node("cp1", 11))),
        );
        expect(cluster).toMatchObject({ encryptionAlgorithm: "ECDSA-P384", certificateValidityPeriod: "48h0m0s" });
    });

    it("every certificate carries all names that lead to the endpoint", () => {
        const named = resolveSettings(
            dedicatedArgs({ controlPlaneEndpoint: "k8s.example.com", certSANs: ["192.0.2.250"] }),
        );
        const [, cluster] = documents(controlPlaneConfig(named, resolvedLeader(node("cp1", 11))));
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

describe("bootstrap tokens", () => {
    const tokenOf = (key: string, host: KnownNodeArgs) => bootstrapToken(key, resolvedNode(host));

    it("have Kubernetes' form, and are others for a new machine of the same name", () => {
        const token = tokenOf("key", node("w1", 21));
        expect(`${token.id}.${token.secret}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
        expect(tokenOf("key", node("w1", 21))).toEqual(token);
        for (const other of [{ hostKey: "ssh-ed25519 BBBB" }, { address: "192.0.2.99" }]) {
            const replaced = tokenOf("key", { ...node("w1", 21), ...other });
            expect(replaced.secret).not.toBe(token.secret);
            expect(replaced.id).not.toBe(token.id);
        }
        expect(tokenOf("other", node("w1", 21)).secret).not.toBe(token.secret);
    });

    it("of 100,000 machines: two with one id share one token", () => {
        const hosts = Array.from({ length: 100_000 }, (_, i) => ({ name: `w${i}`, address: `h${i}.example.com` }));
        const tokens = hosts.map((host) => tokenOf("key", host));
        const byId = new Map(tokens.map(({ id, secret }) => [id, secret]));
        // The expected number of pairs is n²/2 divided by 36⁶: about two.
        expect(byId.size).toBeGreaterThan(hosts.length - 20);
        expect(tokens.every(({ id, secret }) => byId.get(id) === secret)).toBe(true);
        expect(tokens.every(({ secret }) => /^[a-z0-9]{16}$/.test(secret))).toBe(true);
        for (const position of [0, 5]) expect(new Set(tokens.map(({ id }) => id[position])).size).toBe(36);
    });
});

describe("a Node's own metadata", () => {
    it("tells with which token its machine joined, by the id alone", () => {
        const tokens = { w1: { id: "abcdef", secret: "0123456789abcdef" } };
        const text = nodeObjects(
            [node("cp1", 11), { ...node("w1", 21), annotations: { owner: "me" } }].map(resolvedNode),
            tokens,
        );
        expect(JSON.parse(text).items.map((item: { metadata: object }) => item.metadata)).toEqual([
            { name: "cp1", labels: {}, annotations: {} },
            { name: "w1", labels: {}, annotations: { owner: "me", "pulumi-kubeadm/join-token": "abcdef" } },
        ]);
        expect(text).not.toContain("0123456789abcdef");
    });

    it("keeps load balancers of Services away from a control plane node with taints; a label of the user's stays the user's", () => {
        const key = "node.kubernetes.io/exclude-from-external-load-balancers";
        const own = { ...node("cp3", 13), labels: { [key]: "mine" } };
        const nodes = [node("cp1", 11), { ...node("cp2", 12), taints: [] }, own, { ...own, name: "cp4", taints: [] }];
        const labels = (text: string) =>
            JSON.parse(text).items.map((item: { metadata: { labels: object } }) => item.metadata.labels);
        const resolved = nodes.map(resolvedLeader);
        expect(labels(controlPlaneObjects(resolved))).toEqual([{ [key]: "" }, {}, {}, {}]);
        expect(labels(nodeObjects(resolved, {})).slice(2)).toEqual([{ [key]: "mine" }, { [key]: "mine" }]);
    });
});
