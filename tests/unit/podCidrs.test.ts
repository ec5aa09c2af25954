import { describe, expect, it } from "vitest";
import { KnownClusterArgs } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { CniPlugin } from "../../components/model/cni";
import { clusterArgs, node } from "./fixtures";

const SIZE = "node-cidr-mask-size";
const flags = (given: Record<string, string>) => ({
    extraArgs: Object.entries(given).map(([name, value]) => ({ name, value })),
});

/** What is said of a cluster of five nodes whose controller manager has these flags. */
const said = (
    podSubnet: string,
    given: Record<string, string> = {},
    more: Partial<KnownClusterArgs> = {},
): string[] => {
    const args = clusterArgs({ network: { podSubnet }, controllerManager: flags(given), ...more });
    return clusterFaults(args).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
};

const ONLY6 = (podSubnet: string) => {
    const { controlPlaneNodes, workerNodes = [] } = clusterArgs();
    const sixth = (list: typeof workerNodes) =>
        list.map((host, i) => ({ ...host, address: `2001:db8::${list.length}${i}` }));
    return {
        ...{ controlPlaneNodes: sixth(controlPlaneNodes), workerNodes: sixth(workerNodes) },
        loadBalancer: { virtualAddress: "2001:db8::100" },
        network: { podSubnet, serviceSubnet: "fd02::/112" },
    };
};
const DUAL = (podSubnet: string) => {
    const { controlPlaneNodes, workerNodes = [] } = clusterArgs();
    const second = (list: typeof workerNodes) =>
        list.map((host, i) => ({ ...host, secondaryAddress: `2001:db8::${list.length}${i}` }));
    return {
        ...{ controlPlaneNodes: second(controlPlaneNodes), workerNodes: second(workerNodes) },
        network: { podSubnet, serviceSubnet: "10.96.0.0/12,fd02::/112" },
    };
};

describe("the pods' network, by the size of each node's subnet of it", () => {
    it.each([
        ["the defaults", "10.244.0.0/16", {}, {}],
        ["a small network of small subnets", "10.244.0.0/24", { [SIZE]: "27" }, {}],
        ["the same by the flag of IPv4", "10.244.0.0/24", { [`${SIZE}-ipv4`]: "27" }, {}],
        ["one that kubeadm's default would refuse", "10.244.0.0/26", { [`${SIZE}-ipv4`]: "30" }, {}],
        ["big subnets", "10.244.0.0/16", { [SIZE]: "20" }, {}],
        ["IPv6", "", { [`${SIZE}-ipv6`]: "80" }, ONLY6("fd01::/64")],
        ["both families", "", { [`${SIZE}-ipv4`]: "26", [`${SIZE}-ipv6`]: "80" }, DUAL("10.244.0.0/23,fd01::/72")],
        ["Calico, whose nodes share blocks", "10.244.0.0/24", {}, { cni: { plugin: CniPlugin.Calico } }],
        [
            "Cilium with addresses of its own",
            "10.244.0.0/24",
            {},
            { cni: { plugin: CniPlugin.Cilium, values: { ipam: { mode: "cluster-pool" } } } },
        ],
        [
            "no pod CIDRs, for a plugin that needs none",
            "64.0.0.0/6",
            { "allocate-node-cidrs": "false" },
            { cni: { plugin: CniPlugin.Calico } },
        ],
    ])("takes %s", (_what, podSubnet, given, more) => expect(said(podSubnet, given, more)).toEqual([]));

    it.each([
        ["10.244.0.0/25", {}, "a prefix of 8 to 24 (IPv4): every node takes a /24 of it"],
        ["64.0.0.0/7", {}, "a prefix of 8 to 24 (IPv4): every node takes a /24 of it"],
        ["10.244.0.0/24", { [SIZE]: "22" }, "a prefix of 6 to 22 (IPv4): every node takes a /22 of it"],
        ["10.244.0.0/29", { [`${SIZE}-ipv4`]: "32" }, "a prefix of 16 to 28 (IPv4): every node takes a /32 of it"],
        [
            "10.244.0.0/26",
            { [SIZE]: "30" },
            `a prefix of 8 to 24 (IPv4): kubeadm reads the flag ${SIZE}-ipv4 alone, so set it instead of ${SIZE}`,
        ],
        ["10.244.0.0/24", {}, "a subnet for 5 nodes: every node takes a /24 of IPv4, and there are 1"],
        ["10.244.0.0/16", { [SIZE]: "16" }, "a subnet for 5 nodes: every node takes a /16 of IPv4, and there are 1"],
        ["10.244.0.0/24", { [SIZE]: "25" }, "a subnet for 5 nodes: every node takes a /25 of IPv4, and there are 2"],
    ])("refuses %s with %j", (podSubnet, given, expected) => {
        expect(said(podSubnet, given)).toEqual([`network.podSubnet: got "${podSubnet}", expected ${expected}`]);
    });

    it("takes the last of a flag that is given twice, as the program does", () => {
        const twice = [...flags({ [SIZE]: "27" }).extraArgs, ...flags({ [SIZE]: "25" }).extraArgs];
        expect(said("10.244.0.0/24", {}, { controllerManager: { extraArgs: twice } })).toEqual([
            expect.stringContaining("every node takes a /25 of IPv4, and there are 2"),
        ]);
    });

    it("has room for all nodes in both families", () => {
        const podSubnet = "10.244.0.0/16,fd01::/63";
        expect(said("", {}, DUAL(podSubnet))).toEqual([
            `network.podSubnet: got "${podSubnet}", expected a subnet for 5 nodes: every node takes a /24 of IPv4 and a /64 of IPv6, and there are 2`,
        ]);
    });

    it("has a whole block for Calico, unless its manifest is another", () => {
        const calico = { plugin: CniPlugin.Calico };
        const small = { [`${SIZE}-ipv4`]: "30" };
        expect(said("10.244.0.0/27", small, { cni: calico })).toEqual([
            'network.podSubnet: got "10.244.0.0/27", expected a prefix of at most 26 (IPv4): Calico takes blocks of this size',
        ]);
        expect(said("10.244.0.0/27", small, { cni: { ...calico, manifest: { uri: "calico.yaml" } } })).toEqual([]);
    });
});

describe("the flags of the controller manager that size a node's subnet", () => {
    it.each([
        ["10.244.0.0/16", { [SIZE]: "33" }, "a prefix of 1 to 32"],
        ["10.244.0.0/16", { [`${SIZE}-ipv4`]: "0" }, "a prefix of 1 to 32"],
        ["10.244.0.0/16", { [`${SIZE}-ipv6`]: "64" }, "none, because podSubnet has IPv4 alone"],
        ["10.244.0.0/16", { [SIZE]: "26", [`${SIZE}-ipv4`]: "26" }, `none beside ${SIZE}-ipv4`],
    ])("are refused where the program would end: %s, %j", (podSubnet, given, expected) => {
        const [[name, value]] = Object.entries(given);
        expect(said(podSubnet, given)).toEqual([
            `controllerManager.extraArgs[0]: got "${name}=${value}", expected ${expected}`,
        ]);
    });

    it("are one for each family of a dual-stack cluster", () => {
        expect(said("", { [SIZE]: "26" }, DUAL("10.244.0.0/16,fd01::/56"))).toEqual([
            `controllerManager.extraArgs[0]: got "${SIZE}=26", expected none, because podSubnet is dual-stack: set ${SIZE}-ipv4 and -ipv6`,
        ]);
    });

    it("give a node's pods addresses, where the plugin has no others", () => {
        expect(said("10.244.0.0/16", { "allocate-node-cidrs": "false" })).toEqual([
            `controllerManager.extraArgs[0]: got "allocate-node-cidrs=false", expected true, because cni.plugin 'flannel' takes a node's addresses from its pod CIDR`,
        ]);
    });
});

describe("maxPods", () => {
    const wish = (maxPods: number) => ({ kubeletConfiguration: { maxPods } });
    const worker = (more: object) => ({ workerNodes: [{ ...node("w1", 21), ...more }] });
    const expected = (most: number, mask: number) =>
        `at most ${most}, because a node has the addresses of a /${mask} for its pods`;

    it.each([
        ["as many as the addresses", "10.244.0.0/16", {}, wish(256)],
        ["more, in bigger subnets", "10.244.0.0/16", { [SIZE]: "23" }, wish(500)],
        [
            "more, where nodes say less",
            "10.244.0.0/16",
            {},
            { ...wish(300), controlPlaneNodes: [{ ...node("cp1", 11), ...wish(100) }], workerNodes: [] },
        ],
        ["more with Calico", "10.244.0.0/16", {}, { ...wish(300), cni: { plugin: CniPlugin.Calico } }],
    ])("may be %s", (_what, podSubnet, given, more) => expect(said(podSubnet, given, more)).toEqual([]));

    it("is at most the addresses of a node's subnet", () => {
        expect(said("10.244.0.0/16", {}, wish(300))).toEqual([
            `kubeletConfiguration.maxPods: got 300, expected ${expected(256, 24)}`,
        ]);
        expect(said("10.244.0.0/24", { [SIZE]: "27" }, worker(wish(33)))).toEqual([
            `workerNodes[0].kubeletConfiguration.maxPods: got 33, expected ${expected(32, 27)}`,
        ]);
    });

    it("is that of the kubelet's flag, where it has both", () => {
        const kubeletExtraArgs = [{ name: "max-pods", value: "257" }];
        expect(said("10.244.0.0/16", {}, worker({ kubeletExtraArgs, ...wish(10) }))).toEqual([
            `workerNodes[0].kubeletExtraArgs[0].value: got "257", expected ${expected(256, 24)}`,
        ]);
    });
});
