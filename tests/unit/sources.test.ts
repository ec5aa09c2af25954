import { describe, expect, it } from "vitest";
import { hostSources } from "../../components/cluster/hostChecks";
import { HostKind } from "../../components/host/preflight";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { CniPlugin } from "../../components/model/cni";
import { EtcdPlacement, EtcdRuntime, EtcdTopology } from "../../components/model/etcd";
import { KnownHostArgs } from "../../components/model/hosts";
import { LoadBalancerPlacement, LoadBalancerType } from "../../components/model/loadBalancerType";
import { KubeProxyMode } from "../../components/model/network";
import { OsFamily } from "../../components/model/osFamily";
import { SIGNING_KEY, clusterArgs, everyKindArgs, node, resolvedNode } from "./fixtures";

const rowsOf = (kind: HostKind, changes: Partial<KnownClusterArgs> = {}, host: Partial<KnownHostArgs> = {}) =>
    hostSources(resolveSettings(clusterArgs(changes)), resolvedNode({ ...node("h1", 11), ...host }), kind)?.rows;

const K8S = "https://pkgs.k8s.io/core:/stable:/v1.36";
const DOCKER = "https://download.docker.com/linux";
const REGISTRY = "https://registry.k8s.io/v2";
const PACKAGES = [
    `sources.kubernetes ${K8S}/deb/InRelease ${K8S}/deb/Release`,
    `sources.kubernetes.key ${K8S}/deb/Release.key`,
    `sources.containerd ${DOCKER}/debian/dists/bookworm/InRelease ${DOCKER}/debian/dists/bookworm/Release`,
    `sources.containerd.key ${DOCKER}/debian/gpg`,
];
const PAUSE = `registry.k8s.io/pause:3.10.2 ${REGISTRY}/pause/manifests/3.10.2`;
const CONTROL_PLANE = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"].map(
    (name) => `registry.k8s.io/${name}:v1.36.3 ${REGISTRY}/${name}/manifests/v1.36.3`,
);

describe("what a host will download", () => {
    it("of a node by packages: the repositories' indexes and keys, and images", () => {
        expect(rowsOf("worker")).toEqual([...PACKAGES, PAUSE]);
        expect(rowsOf("controlPlane")).toEqual([...PACKAGES, PAUSE, ...CONTROL_PLANE]);
        const without = { cni: { plugin: CniPlugin.Cilium }, network: { kubeProxy: KubeProxyMode.None } };
        expect(rowsOf("controlPlane", without)).toEqual([...PACKAGES, PAUSE, ...CONTROL_PLANE.slice(0, 3)]);
        expect(rowsOf("worker", { osFamily: OsFamily.RedHat })?.slice(0, 3)).toEqual([
            `sources.kubernetes ${K8S}/rpm/repodata/repomd.xml`,
            `sources.kubernetes.key ${K8S}/rpm/repodata/repomd.xml.key`,
            `sources.containerd ${DOCKER}/centos/$releasever/$basearch/stable/repodata/repomd.xml`,
        ]);
    });

    it("of a repository with a key of its own, and of programs as files", () => {
        const kubernetes = { uri: "http://mirror/k8s/", suite: "stable/", key: SIGNING_KEY };
        expect(rowsOf("worker", { sources: { kubernetes, containerd: kubernetes } })?.slice(0, 2)).toEqual([
            "sources.kubernetes http://mirror/k8s/stable/InRelease http://mirror/k8s/stable/Release",
            "sources.containerd http://mirror/k8s/stable/InRelease http://mirror/k8s/stable/Release",
        ]);
        const files = rowsOf("worker", { sources: { binaries: {} } })!;
        expect(files).toContain("sources.binaries.kubelet https://dl.k8s.io/release/v1.36.3/bin/linux/{arch}/kubelet");
        expect(files.some((row) => row.includes("pkgs.k8s.io"))).toBe(false);
        expect(files.at(-1)).toBe(PAUSE);
    });

    it("of a member that is not kubeadm's: etcd's archive or image; of a balancer: nothing", () => {
        const archive = expect.stringMatching(
            /^sources\.etcd https:\/\/github\.com\/etcd-io\/etcd\/.*\{arch\}\.tar\.gz$/,
        );
        const etcd = { ...everyKindArgs().etcd! };
        expect(rowsOf("etcd", { etcd })).toEqual([archive]);
        expect(rowsOf("etcd", { etcd: { ...etcd, runtime: EtcdRuntime.StaticPod } })).toEqual([
            ...[...PACKAGES, PAUSE],
            expect.stringMatching(/^registry\.k8s\.io\/etcd:/),
        ]);
        const beside = { topology: EtcdTopology.External, placement: EtcdPlacement.ControlPlane };
        expect(rowsOf("controlPlane", { etcd: beside })).toEqual([...PACKAGES, PAUSE, ...CONTROL_PLANE, archive]);
        expect(rowsOf("loadBalancer")).toBeUndefined();
    });

    it("of a balancer in a static pod: its image, at Docker's own host", () => {
        const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal, type: LoadBalancerType.Haproxy };
        expect(rowsOf("worker", { loadBalancer })?.at(-1)).toMatch(
            /^docker\.io\/library\/haproxy:(\S+) https:\/\/registry-1\.docker\.io\/v2\/library\/haproxy\/manifests\/\1$/,
        );
        const kubeVip = { loadBalancer: { type: LoadBalancerType.KubeVip, virtualAddress: "192.0.2.100" } };
        expect(rowsOf("controlPlane", kubeVip)?.at(-1)).toMatch(/^ghcr\.io\/kube-vip\/kube-vip:/);
        expect(rowsOf("worker", kubeVip)?.at(-1)).toBe(PAUSE);
    });
});

describe("an image with a mirror", () => {
    const image = (sources: KnownClusterArgs["sources"]) => rowsOf("worker", { sources })!.at(-1)!.split(" ").slice(1);
    const OWN = `${REGISTRY}/pause/manifests/3.10.2`;
    const mirrored = (url: string) => ({ registryMirrors: { "registry.k8s.io": url } });

    it("is looked for there first, as containerd does: a path has the API's /v2 already", () => {
        const manifest = "pause/manifests/3.10.2?ns=registry.k8s.io";
        expect(image(mirrored("http://mirror:5000"))).toEqual([`http://mirror:5000/v2/${manifest}`, OWN]);
        expect(image(mirrored("https://mirror/v2/k8s"))).toEqual([`https://mirror/v2/k8s/${manifest}`, OWN]);
        expect(image({ registryMirrors: { _default: "http://mirror" } })[0]).toBe(`http://mirror/v2/${manifest}`);
    });

    it("that wants a login is asked for its version alone", () => {
        const registries = { "mirror:5000": { username: "u", password: "p" } };
        expect(image({ ...mirrored("https://mirror:5000/v2/k8s"), registries })).toEqual([
            "https://mirror:5000/v2/",
            OWN,
        ]);
    });

    it("is left out where hostSetup says itself where containerd pulls from", () => {
        const files = [{ path: "/etc/containerd/certs.d/registry.k8s.io/hosts.toml", content: "" }];
        expect(rowsOf("worker", {}, { files })).toEqual(PACKAGES);
    });
});
