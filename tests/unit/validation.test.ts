import { describe, expect, it } from "vitest";
import { PRIVATE_KEY, clusterArgs, dedicatedArgs, node } from "./fixtures";
import { clusterFaults, validateCluster } from "../../components/model/clusterRules";
import { CniMode, CniPlugin } from "../../components/model/cni";
import { etcdClusterFaults } from "../../components/model/etcdCluster";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";
import { KubeProxyMode } from "../../components/model/network";

const paths = (changes: Parameters<typeof clusterArgs>[0]) =>
    clusterFaults(clusterArgs(changes)).map((f) => f.propertyPath);

describe("a cluster's arguments", () => {
    it("are taken when they are right, with the balancer on control planes or on hosts of its own", () => {
        expect(clusterFaults(clusterArgs())).toEqual([]);
        expect(clusterFaults(dedicatedArgs())).toEqual([]);
        expect(clusterFaults(clusterArgs({ controlPlaneNodes: [node("cp1", 11)], loadBalancer: {} }))).toEqual([]);
    });

    it("a mistyped subnet is named with its field, what was got and what was expected", () => {
        expect(clusterFaults(clusterArgs({ network: { podSubnet: "10.244.0.0" } }))).toEqual([
            {
                propertyPath: "network.podSubnet",
                reason: `got "10.244.0.0", expected a network in CIDR form, e.g. '10.244.0.0/16', or an IPv4 and an IPv6 network, separated by a comma`,
            },
        ]);
    });

    it("a mirror's path without the API's v2 is named with both places that v2 may have", () => {
        const registryMirrors = { "quay.io": "https://harbor.example.com/quay/" };
        expect(clusterFaults(clusterArgs({ sources: { registryMirrors } }))).toEqual([
            {
                propertyPath: 'sources.registryMirrors["quay.io"]',
                reason: `got "https://harbor.example.com/quay/", expected the root of the mirror's API, which has "v2" in its path: 'https://harbor.example.com/v2/quay' (Harbor, Artifactory) or 'https://harbor.example.com/quay/v2' (Nexus)`,
            },
        ]);
    });

    it("a missing host key is told with the command that shows it, on the host's own port", () => {
        const reasonOf = (changes: object) =>
            clusterFaults(clusterArgs({ workerNodes: [{ ...node("w1", 21), hostKey: undefined, ...changes }] }))[0]
                .reason;
        expect(reasonOf({})).toContain("'ssh-keyscan -t ed25519 <address>'");
        expect(reasonOf({ port: 2222 })).toContain("'ssh-keyscan -t ed25519 -p 2222 <address>'");
    });

    it.each([
        ["two control planes", { controlPlaneNodes: [node("cp1", 11), node("cp2", 12)] }, ["controlPlaneNodes"]],
        ["none", { controlPlaneNodes: [] }, ["controlPlaneNodes"]],
        ["a name twice", { workerNodes: [node("cp1", 21)] }, ["workerNodes[0].name"]],
        [
            "an address twice",
            { workerNodes: [{ ...node("w1", 21), address: "192.0.2.11" }] },
            ["workerNodes[0].address"],
        ],
        [
            "a host key twice",
            { workerNodes: [{ ...node("w1", 21), hostKey: node("cp1", 11).hostKey }] },
            ["workerNodes[0].hostKey"],
        ],
        ["no host key", { workerNodes: [{ ...node("w1", 21), hostKey: undefined }] }, ["workerNodes[0].hostKey"]],
        ["a name that is no label", { workerNodes: [node("W_1", 21)] }, ["workerNodes[0].name"]],
        [
            "a role label",
            { workerNodes: [{ ...node("w1", 21), labels: { "node-role.kubernetes.io/control-plane": "" } }] },
            ["workerNodes[0].labels"],
        ],
        [
            "a taint twice",
            {
                workerNodes: [
                    {
                        ...node("w1", 21),
                        taints: ["1", "2"].map((value) => ({ key: "a", value, effect: "NoSchedule" })),
                    },
                ],
            },
            ["workerNodes[0].taints[1]"],
        ],
        [
            "a taint's effect",
            { workerNodes: [{ ...node("w1", 21), taints: [{ key: "a", effect: "No" }] }] },
            ["workerNodes[0].taints[0].effect"],
        ],
        ["an unknown version", { kubernetesVersion: "v1.36.3" }, ["kubernetesVersion"]],
        ["an unknown minor", { kubernetesVersion: "1.12.0" }, ["kubernetesVersion"]],
        ["subnets that overlap", { network: { serviceSubnet: "10.244.8.0/24" } }, ["network.serviceSubnet"]],
        [
            "a node inside the pods' subnet",
            { network: { podSubnet: "192.0.0.0/16" } },
            [
                "loadBalancer.virtualAddress",
                "controlPlaneNodes[0].address",
                "controlPlaneNodes[1].address",
                "controlPlaneNodes[2].address",
                "workerNodes[0].address",
                "workerNodes[1].address",
            ],
        ],
        ["no virtual address for three", { loadBalancer: {} }, ["loadBalancer.virtualAddress"]],
        [
            "a node's address as the virtual one",
            { loadBalancer: { virtualAddress: "192.0.2.12" } },
            ["loadBalancer.virtualAddress"],
        ],
        [
            "kube-apiserver's port",
            { loadBalancer: { virtualAddress: "192.0.2.100", port: 6443 } },
            ["loadBalancer.port"],
        ],
        [
            "dedicated without hosts",
            { loadBalancer: { placement: LoadBalancerPlacement.Dedicated } },
            ["loadBalancer.hosts"],
        ],
        ["a plugin nobody knows", { cni: { plugin: "weave" as CniPlugin } }, ["cni.plugin"]],
        [
            "a mirror that is no URL",
            { sources: { registryMirrors: { "docker.io": "mirror:5000" } } },
            ['sources.registryMirrors["docker.io"]'],
        ],
        ["a mode of another plugin", { cni: { plugin: CniPlugin.Calico, mode: CniMode.HostGateway } }, ["cni.mode"]],
        ["a mode for a chart", { cni: { plugin: CniPlugin.Cilium, mode: CniMode.Vxlan } }, ["cni.mode"]],
        [
            "a manifest that is not pinned, for a plugin that reads none",
            { cni: { manifest: { uri: "x.yaml", sha256: "1" } } },
            ["cni.manifest", "cni.manifest.sha256"],
        ],
        ["flannel without kube-proxy", { network: { kubeProxy: KubeProxyMode.None } }, ["network.kubeProxy"]],
        [
            "kube-proxy's mode in two places",
            { kubeProxyConfiguration: { mode: "ipvs" } },
            ["kubeProxyConfiguration.mode"],
        ],
        [
            "services of one family, pods of two",
            { network: { podSubnet: "10.244.0.0/16,fd00:1::/56" } },
            [
                "network.serviceSubnet",
                ...Array.from({ length: 3 }, (_, i) => `controlPlaneNodes[${i}].secondaryAddress`),
                "workerNodes[0].secondaryAddress",
                "workerNodes[1].secondaryAddress",
            ],
        ],
        ["two subnets of one family", { network: { podSubnet: "10.244.0.0/16,10.245.0.0/16" } }, ["network.podSubnet"]],
        [
            "too many nodes' worth of IPv6",
            {
                network: { podSubnet: "10.244.0.0/16,fd00::/32", serviceSubnet: "10.96.0.0/12,fd01::/112" },
                controlPlaneNodes: [{ ...node("cp1", 11), secondaryAddress: "2001:db8::11" }],
                workerNodes: [],
            },
            ["network.podSubnet"],
        ],
        [
            "a second address in a cluster of one family",
            { workerNodes: [{ ...node("w1", 21), secondaryAddress: "2001:db8::21" }] },
            ["workerNodes[0].secondaryAddress"],
        ],
        ["an endpoint with a port", { controlPlaneEndpoint: "k8s.example.com:6443" }, ["controlPlaneEndpoint"]],
    ])("%s", (_what, changes, expected) => expect(paths(changes)).toEqual(expected));

    describe.each(["controllerManager", "scheduler"] as const)("leader-elect of %s", (component) => {
        const reasons = (values: string[], changes = {}) => {
            const extraArgs = values.map((value) => ({ name: "leader-elect", value }));
            const all = clusterFaults(clusterArgs({ [component]: { extraArgs }, ...changes }));
            return all.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
        };

        it.each([[["false"]], [["F"]], [["0"]], [["true", "false"]]])("%j is refused with three nodes", (values) => {
            const at = values.length - 1;
            expect(reasons(values)).toEqual([
                `${component}.extraArgs[${at}].value: got "${values[at]}", expected true: without a leader the instances of all 3 control plane nodes act at the same time`,
            ]);
        });

        it("is accepted where it is true, and with one node", () => {
            expect(reasons(["true"])).toEqual([]);
            expect(reasons(["false", "true"])).toEqual([]);
            expect(reasons(["false"], { controlPlaneNodes: [node("cp1", 11)], loadBalancer: {} })).toEqual([]);
        });
    });

    it("all faults come at once, in one error, and no secret is in it", () => {
        const bad = clusterArgs({
            kubernetesVersion: "2",
            network: { podSubnet: "x", dnsDomain: "-" },
            maxUnavailable: "0",
            drainTimeoutSeconds: 1.5,
        });
        expect(() => validateCluster(bad)).toThrowError(
            /5 faults; no host was contacted[^]*kubernetesVersion[^]*maxUnavailable[^]*drainTimeoutSeconds[^]*podSubnet[^]*dnsDomain/,
        );
        expect(() => validateCluster(bad)).not.toThrowError(/BEGIN PRIVATE KEY/);
    });
});

describe("an etcd cluster's arguments", () => {
    const ssh = { privateKey: PRIVATE_KEY };
    it("want an odd number of members with names and keys of their own", () => {
        expect(etcdClusterFaults({ ssh, members: [node("e1", 1)] })).toEqual([]);
        expect(etcdClusterFaults({ ssh, members: [node("e1", 1), node("e1", 2)] }).map((f) => f.propertyPath)).toEqual([
            "members",
            "members[1].name",
        ]);
    });
});
