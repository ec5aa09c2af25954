import { beforeEach, describe, expect, it } from "vitest";
import { PRIVATE_KEY, clusterArgs, node } from "../unit/fixtures";
import { Recorded, recordResources, settled, stdinOf } from "./mocks";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { KnownClusterArgs } from "../../components/model/cluster";
import { EtcdRuntime, EtcdTopology } from "../../components/model/etcd";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";
import { StorageProvisioner } from "../../components/model/storage";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

const stdin = (name: string): string => stdinOf(recorded, name);

async function build(changes: Partial<KnownClusterArgs> = {}): Promise<void> {
    const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal };
    new Cluster("c", clusterArgs({ loadBalancer, sources: { binaries: {} }, ...changes }));
    await settled();
}

describe("a cluster of static binaries", () => {
    it("tells every host what to fetch, and that no package manager is to be called", async () => {
        await build();
        for (const host of ["cp1", "w1"]) {
            expect(stdin(`c-${host}-prepare`)).toContain("HOST_PACKAGES='false'");
            expect(stdin(`c-${host}-prepare`)).toMatch(
                /^BINARIES=\(\n'kubeadm amd64=[0-9a-f]{64} arm64=[0-9a-f]{64}'$/m,
            );
            expect(stdin(`c-${host}-prepare`)).not.toContain("KUBERNETES_REPOSITORY");
            const preflight = stdin(`c-${host}-preflight`);
            expect(preflight).toContain("STATIC_BINARIES='true'");
            expect(preflight).toContain("iptables the kubelet and the CNI plugins");
            expect(preflight).toContain("PACKAGE_SOURCE='https://dl.k8s.io/release/v1.36.3/bin/linux/{arch}/kubelet'");
            expect(preflight).not.toContain("mount.nfs");
        }
    });

    it("asks for what a volume's client would have come with", async () => {
        await build({ storage: { provisioner: StorageProvisioner.Nfs, server: "192.0.2.9", path: "/srv" } });
        expect(stdin("c-w1-preflight")).toContain("mount.nfs the kubelet (NFS volumes)");
    });

    it("installs no package on etcd's own hosts either; a kubelet there only for static pods", async () => {
        const hosts = [node("etcd1", 31)];
        await build({ etcd: { topology: EtcdTopology.External, hosts } });
        expect(stdin("c-etcd1-preflight")).toContain("STATIC_BINARIES='false'");
        expect(stdin("c-etcd1-preflight")).not.toContain("losetup");
        expect(stdin("c-etcd-etcd1-prepare")).toContain("HOST_PACKAGES='false'");
        expect(stdin("c-etcd-etcd1-prepare")).not.toContain("BINARIES=");
        recorded = recordResources();
        await build({ etcd: { topology: EtcdTopology.External, hosts, runtime: EtcdRuntime.StaticPod } });
        expect(stdin("c-etcd1-preflight")).toContain("STATIC_BINARIES='true'");
        expect(stdin("c-etcd-etcd1-prepare")).toContain("BINARIES=");
    });

    it("an etcd cluster of its own knows of them too", async () => {
        const ssh = { user: "ops", privateKey: PRIVATE_KEY };
        const args = { ssh, members: [node("e1", 31)], sources: { binaries: {} }, runtime: EtcdRuntime.StaticPod };
        new EtcdCluster("etcd", args);
        await settled();
        expect(stdin("etcd-e1-prepare")).toContain("BINARIES=");
        expect(() => new EtcdCluster("x", { ...args, kubernetesVersion: "1.36.99" })).toThrowError(
            /sources\.binaries\.kubelet\.sha256/,
        );
        await settled();
    });
});
