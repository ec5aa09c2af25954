import { beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import type { KnownClusterArgs } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { KubeProxyMode } from "../../components/model/network";
import { clusterArgs, node } from "../unit/fixtures";
import { Recorded, recordResources, settled, stdinOf } from "./mocks";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

const stdin = (name: string): string => stdinOf(recorded, name);

async function build(changes: Partial<KnownClusterArgs> = {}): Promise<void> {
    new Cluster("c", clusterArgs({ coreDns: { nodeLocalCache: {} }, ...changes }));
    await settled();
}

const cacheObjects = () => recorded.filter(({ name }) => name.startsWith("c-node-local-dns-")).map(({ type }) => type);

describe("NodeLocal DNSCache in a cluster", () => {
    it("is Kubernetes objects of its own, and asks every node's kernel for dummy interfaces", async () => {
        await build({ etcd: { topology: EtcdTopology.External, hosts: [node("etcd1", 31)] } });
        expect(cacheObjects().sort()).toEqual(
            [
                "apps/v1:DaemonSet",
                ...["ConfigMap", "Service", "Service", "ServiceAccount"].map((kind) => `core/v1:${kind}`),
            ].map((type) => `kubernetes:${type}`),
        );
        for (const host of ["cp1", "w2"]) expect(stdin(`c-${host}-preflight`)).toContain("DUMMY_INTERFACE='true'");
        expect(stdin("c-etcd1-preflight")).not.toContain("DUMMY_INTERFACE");
    });

    it("without it there is nothing of it", async () => {
        await build({ coreDns: {} });
        expect(cacheObjects()).toEqual([]);
        expect(stdin("c-cp1-preflight")).toContain("DUMMY_INTERFACE='false'");
    });

    it("with ipvs is what joining kubelets read of the cluster", async () => {
        await build({ network: { kubeProxy: KubeProxyMode.Ipvs } });
        expect(stdin("c-configuration-apply")).toContain("clusterDNS:\n  - 169.254.20.10\n");
        recorded = recordResources();
        await build();
        expect(stdin("c-configuration-apply")).not.toContain("clusterDNS");
    });
});
