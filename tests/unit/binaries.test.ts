import { describe, expect, it } from "vitest";
import { SIGNING_KEY, clusterArgs, node, resolvedNode } from "./fixtures";
import { kubernetesParameters } from "../../components/cluster/desiredState";
import { workerConfig } from "../../components/cluster/kubeadm";
import { preamble } from "../../components/host/contract";
import { BINARY_NAMES, BinariesArgs, upstreamBinaries } from "../../components/model/binaries";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { LoadBalancerPlacement, LoadBalancerType } from "../../components/model/loadBalancerType";
import { SourcesArgs } from "../../components/model/sources";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions/versions";

const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal };
const withBinaries = (binaries: BinariesArgs, changes: Partial<KnownClusterArgs> = {}, more: SourcesArgs = {}) =>
    clusterArgs({ loadBalancer, ...changes, sources: { ...more, binaries } });
const settings = (...args: Parameters<typeof withBinaries>) => resolveSettings(withBinaries(...args));
const worker = (...args: Parameters<typeof withBinaries>) =>
    kubernetesParameters(settings(...args), resolvedNode(node("w1", 21)), workerConfig);
const faults = (...args: Parameters<typeof withBinaries>) =>
    clusterFaults(withBinaries(...args)).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const sum = (digit: string) => digit.repeat(64);

describe("static binaries", () => {
    it("are upstream's releases, every one with a pinned checksum for both architectures", async () => {
        expect(faults({})).toEqual([]);
        const files = upstreamBinaries(DEFAULT_KUBERNETES_VERSION);
        for (const name of BINARY_NAMES) {
            expect(Object.keys(files[name].sha256!), name).toEqual(["amd64", "arm64"]);
            for (const [, value] of Object.entries(files[name].sha256!)) expect(value, name).toMatch(/^[0-9a-f]{64}$/);
        }
        await expect(preamble(worker({}))).toMatchFileSnapshot("../golden/static-binaries.env");
    });

    it("come from a mirror with upstream's paths, etcd's archive too, and need no other checksum then", () => {
        const { sources } = settings({ mirror: "http://192.0.2.2/files/" });
        expect(sources.binaries?.kubelet.uri).toBe(
            "http://192.0.2.2/files/dl.k8s.io/release/v1.36.3/bin/linux/{arch}/kubelet",
        );
        expect(sources.etcd.uri).toMatch(/^http:\/\/192.0.2.2\/files\/github.com\/etcd-io\/etcd\/releases\//);
        expect(sources.binaries?.runc.sha256).toEqual(upstreamBinaries("1.36.3").runc.sha256);
    });

    it("are rolled out when a checksum changes, not when the mirror moves", () => {
        const before = worker({}).ROLLOUT_DIGEST;
        expect(worker({ mirror: "http://192.0.2.2" }).ROLLOUT_DIGEST).toBe(before);
        expect(worker({ runc: { sha256: { amd64: sum("a") } } }).ROLLOUT_DIGEST).not.toBe(before);
    });

    it("without them nothing is said of them, so no live node changes", () => {
        const parameters = kubernetesParameters(
            resolveSettings(clusterArgs()),
            resolvedNode(node("w1", 21)),
            workerConfig,
        );
        for (const key of ["BINARIES", "BINARY_URIS", "HOST_PACKAGES"]) expect(parameters).not.toHaveProperty(key);
    });
});

describe("a fault of static binaries", () => {
    it("is a uri without a checksum, and a checksum that is none", () => {
        expect(faults({ kubelet: { uri: "http://192.0.2.2/kubelet" } })).toEqual([
            'sources.binaries.kubelet.sha256: got nothing, expected checksums by architecture, {"amd64": "…"}, because uri is set',
        ]);
        expect(faults({ runc: { sha256: { amd64: "abc", s390x: sum("a") } } })).toEqual([
            'sources.binaries.runc.sha256.amd64: got "abc", expected 64 hexadecimal digits, for amd64 or arm64',
            `sources.binaries.runc.sha256.s390x: got "${sum("a")}", expected 64 hexadecimal digits, for amd64 or arm64`,
        ]);
        expect(faults({ mirror: "mirror/", crictl: { uri: "crictl", sha256: { amd64: sum("a") } } })).toEqual([
            'sources.binaries.mirror: got "mirror/", expected an http:// or https:// URL',
            'sources.binaries.crictl.uri: got "crictl", expected an http:// or https:// URL, {arch} in it',
        ]);
    });

    it("is a Kubernetes version whose checksums are not known here", () => {
        const paths = faults({}, { kubernetesVersion: "1.36.99" });
        expect(paths).toHaveLength(3);
        expect(paths[0]).toBe(
            'sources.binaries.kubeadm.sha256: got nothing, expected checksums by architecture, {"amd64": "…"}: none is pinned for Kubernetes 1.36.99',
        );
        const given = { sha256: { amd64: sum("a") } };
        expect(faults({ kubeadm: given, kubelet: given, kubectl: given }, { kubernetesVersion: "1.36.99" })).toEqual(
            [],
        );
    });

    it("is whatever would need a package on a host", () => {
        const { Haproxy, Nginx, Keepalived, KubeVip } = LoadBalancerType;
        const virtualAddress = "192.0.2.100";
        for (const type of [Haproxy, Nginx, Keepalived]) {
            expect(faults({}, { loadBalancer: { type, virtualAddress } })).toEqual([
                `loadBalancer.type: got "${type}", expected 'kube-vip', 'external', or placement 'nodeLocal', because '${type}' on a host is a package, and sources.binaries installs no package`,
            ]);
        }
        expect(faults({}, { loadBalancer: { type: KubeVip, virtualAddress } })).toEqual([]);
        const repository = { uri: "http://192.0.2.2/k", suite: "/", key: SIGNING_KEY };
        expect(faults({}, {}, { kubernetes: repository, etcd: { package: "etcd" } })).toEqual([
            "sources.kubernetes: got an object, expected none, because sources.binaries installs no package",
            'sources.etcd.package: got "etcd", expected none, because sources.binaries installs no package',
        ]);
    });
});
