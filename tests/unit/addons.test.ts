import { describe, expect, it } from "vitest";
import { clusterArgs, node, resolvedNode } from "./fixtures";
import { coreDnsObjects, coreDnsPatch } from "../../components/addons/coreDns";
import { localPathObjects } from "../../components/addons/localPath";
import { metricsServerObjects } from "../../components/addons/metricsServer";
import { nfsObjects } from "../../components/addons/nfs";
import { kubernetesParameters } from "../../components/cluster/desiredState";
import { workerConfig } from "../../components/cluster/kubeadm";
import { resolveSettings } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { StorageProvisioner, resolveStorage } from "../../components/model/storage";

const golden = (objects: unknown) => `${JSON.stringify(objects, undefined, 2)}\n`;
const paths = (changes: Parameters<typeof clusterArgs>[0]) =>
    clusterFaults(clusterArgs(changes)).map((f) => f.propertyPath);

describe("CoreDNS", () => {
    it("is spread over the nodes, and otherwise left as kubeadm makes it", () => {
        const { spec } = JSON.parse(coreDnsPatch({ spread: true }));
        expect(spec.replicas).toBeUndefined();
        expect(spec.template.spec.containers).toBeUndefined();
        expect(spec.template.spec.topologySpreadConstraints).toMatchObject([
            { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule" },
        ]);
        expect(coreDnsObjects({ spread: true })).toEqual([]);
    });

    it("takes replicas, resources and a budget for drains", () => {
        const args = { replicas: 3, resources: { limits: { memory: "300Mi" } }, spread: false, maxUnavailable: 1 };
        expect(JSON.parse(coreDnsPatch(args)).spec).toEqual({
            replicas: 3,
            template: { spec: { containers: [{ name: "coredns", resources: { limits: { memory: "300Mi" } } }] } },
        });
        expect(coreDnsObjects(args)[0].spec).toEqual({
            maxUnavailable: 1,
            selector: { matchLabels: { "k8s-app": "kube-dns" } },
        });
    });
});

describe("what a cluster may have besides", () => {
    it("metrics-server", async () => {
        await expect(golden(metricsServerObjects(false))).toMatchFileSnapshot("../golden/metrics-server.json");
        expect(golden(metricsServerObjects(true))).not.toContain("--kubelet-insecure-tls");
    });

    it("local-path volumes", async () => {
        const storage = { provisioner: StorageProvisioner.LocalPath, path: "/srv/volumes" };
        await expect(golden(localPathObjects(resolveStorage(storage)))).toMatchFileSnapshot(
            "../golden/local-path.json",
        );
    });

    it("NFS volumes, with the client on every node", async () => {
        const storage = { provisioner: StorageProvisioner.Nfs, server: "192.0.2.9", path: "/srv/nfs" };
        await expect(golden(nfsObjects(resolveStorage(storage)))).toMatchFileSnapshot("../golden/nfs.json");
        const settings = resolveSettings(clusterArgs({ storage }));
        expect(kubernetesParameters(settings, resolvedNode(node("w1", 21)), workerConfig).NODE_PACKAGES).toEqual([
            "nfs-common",
        ]);
    });

    it("has its faults told by path", () => {
        expect(paths({ coreDns: { replicas: 0, maxUnavailable: 0.5 } })).toEqual([
            "coreDns.replicas",
            "coreDns.maxUnavailable",
        ]);
        expect(paths({ storage: { provisioner: StorageProvisioner.Nfs } })).toEqual(["storage.path", "storage.server"]);
        expect(paths({ storage: { provisioner: "ceph" as StorageProvisioner } })).toEqual(["storage.provisioner"]);
        expect(paths({ storage: { provisioner: StorageProvisioner.LocalPath, server: "a", path: "b" } })).toEqual([
            "storage.path",
            "storage.server",
        ]);
    });
});
