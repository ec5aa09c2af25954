import { readFileSync } from "fs";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { readManifest } from "../../components/addons/manifest";
import { KubernetesObject } from "../../components/addons/objects";
import { calicoObjects } from "../../components/addons/calico";
import { ciliumValues } from "../../components/addons/cilium";
import { flannelObjects } from "../../components/addons/flannel";
import { controlPlaneConfig, workerConfig } from "../../components/cluster/kubeadm";
import { nodeObjects } from "../../components/cluster/nodeObjects";
import { kubernetesParameters } from "../../components/cluster/desiredState";
import { resolveSettings } from "../../components/model/cluster";
import { CniArgs, CniMode, CniPlugin } from "../../components/model/cni";
import { KubeProxyMode, NetworkArgs } from "../../components/model/network";
import { clusterArgs, node, resolvedNode, resolvedLeader } from "./fixtures";

const settingsOf = (cni: CniArgs, network: NetworkArgs = {}) => resolveSettings(clusterArgs({ cni, network }));
const DUAL = { podSubnet: "10.244.0.0/16,fd00:10:244::/56", serviceSubnet: "10.96.0.0/12,fd00:10:96::/112" };
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the fields of any object
const named = (objects: KubernetesObject[], kind: string, name: string): any =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);

describe("flannel", () => {
    const net = (cni: CniArgs, network?: NetworkArgs) =>
        JSON.parse(
            named(flannelObjects(settingsOf(cni, network)), "ConfigMap", "kube-flannel-cfg").data["net-conf.json"],
        );

    it("carries packets in VXLAN, or leaves them to routes", () => {
        expect(net({})).toEqual({ Network: "10.244.0.0/16", EnableNFTables: false, Backend: { Type: "vxlan" } });
        expect(net({ mode: CniMode.HostGateway, mtu: 1400 }).Backend).toEqual({ Type: "host-gw", MTU: 1400 });
    });

    it("has a network of each family, and follows kube-proxy to nftables", () => {
        expect(net({}, { ...DUAL, kubeProxy: KubeProxyMode.Nftables })).toMatchObject({
            Network: "10.244.0.0/16",
            EnableIPv6: true,
            IPv6Network: "fd00:10:244::/56",
            EnableNFTables: true,
        });
        expect(net({}, { podSubnet: "fd00:10:244::/56" })).toMatchObject({ EnableIPv4: false, EnableIPv6: true });
    });
});

describe("Calico", () => {
    const NETWORK = '{ "mtu": __CNI_MTU__, "ipam": { "type": "calico-ipam" } }';
    // The parts of upstream's manifest that are edited, as they are there.
    const manifest: KubernetesObject[] = [
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "calico-config" },
            data: { calico_backend: "vxlan", veth_mtu: "0", typha_service_name: "none", cni_network_config: NETWORK },
        },
        {
            apiVersion: "apps/v1",
            kind: "DaemonSet",
            metadata: { name: "calico-node" },
            spec: {
                template: {
                    spec: {
                        containers: [
                            {
                                name: "calico-node",
                                env: [
                                    { name: "DATASTORE_TYPE", value: "kubernetes" },
                                    { name: "CALICO_IPV4POOL_VXLAN", value: "CrossSubnet" },
                                ],
                                livenessProbe: { exec: { command: ["/bin/calico-node", "-felix-live"] } },
                                readinessProbe: { exec: { command: ["/bin/calico-node", "-felix-ready"] } },
                            },
                        ],
                    },
                },
            },
        },
    ];
    const edited = (cni: CniArgs, network?: NetworkArgs) => {
        const objects = calicoObjects(manifest, settingsOf({ plugin: CniPlugin.Calico, ...cni }, network));
        const [container] = named(objects, "DaemonSet", "calico-node").spec.template.spec.containers;
        const env = Object.fromEntries(container.env.map((e: { name: string; value: string }) => [e.name, e.value]));
        return { config: named(objects, "ConfigMap", "calico-config").data, container, env };
    };

    it("gets the pods' subnet, its MTU, and keeps what it had", () => {
        const { config, env, container } = edited({ mtu: 1400 });
        expect(config).toEqual({
            calico_backend: "vxlan",
            veth_mtu: "1400",
            typha_service_name: "none",
            cni_network_config: NETWORK,
        });
        expect(env).toMatchObject({
            DATASTORE_TYPE: "kubernetes",
            CALICO_IPV4POOL_CIDR: "10.244.0.0/16",
            CALICO_IPV4POOL_VXLAN: "CrossSubnet",
            FELIX_FEATUREGATES: "DeleteConflictingRoutes=enabled",
        });
        expect(container.livenessProbe.exec.command).toEqual(["/bin/calico-node", "-felix-live"]);
    });

    it("by BGP, packets travel as they are, and BIRD is looked after", () => {
        const { config, env, container } = edited({ mode: CniMode.Bgp });
        expect(config.calico_backend).toBe("bird");
        expect(env).toMatchObject({ CALICO_IPV4POOL_IPIP: "Never", CALICO_IPV4POOL_VXLAN: "Never" });
        expect(container.readinessProbe.exec.command).toEqual(["/bin/calico-node", "-felix-ready", "-bird-ready"]);
        expect(container.env.filter((e: { name: string }) => e.name === "CALICO_IPV4POOL_VXLAN")).toHaveLength(1);
    });

    it("by IP-in-IP, all packets between nodes are encapsulated, on routes of BIRD", () => {
        const { config, env, container } = edited({ mode: CniMode.Ipip, mtu: 1430 });
        expect(config).toMatchObject({ calico_backend: "bird", veth_mtu: "1430" });
        expect(env).toMatchObject({ CALICO_IPV4POOL_IPIP: "Always", CALICO_IPV4POOL_VXLAN: "Never" });
        expect(container.livenessProbe.exec.command).toEqual(["/bin/calico-node", "-felix-live", "-bird-live"]);
        expect(container.readinessProbe.exec.command).toEqual(["/bin/calico-node", "-felix-ready", "-bird-ready"]);
    });

    it("has a pool of each family", () => {
        const { env, config } = edited({}, DUAL);
        expect(env).toMatchObject({
            FELIX_IPV6SUPPORT: "true",
            CALICO_IPV6POOL_CIDR: "fd00:10:244::/56",
            CALICO_IPV6POOL_NAT_OUTGOING: "true",
        });
        expect(config.cni_network_config).toContain('"calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true" }');
    });

    it("of IPv6 alone gives pods no IPv4 address", () => {
        const { env, config } = edited({}, { podSubnet: "fd00:10:244::/56", serviceSubnet: "fd00:10:96::/112" });
        expect(env).toMatchObject({ IP: "none", CALICO_ROUTER_ID: "hash", IP6: "autodetect" });
        expect(config.cni_network_config).toContain('"assign_ipv4": "false", "assign_ipv6": "true"');
    });

    it("tells which manifest cannot be read, and why", async () => {
        const reading = readManifest({ uri: "/none.yaml", sha256: "0".repeat(64) });
        await expect(reading).rejects.toThrow(/^cni\.manifest: \/none\.yaml could not be read: ENOENT/);
        // Pulumi prints a RunError without the stack.
        await expect(reading).rejects.toBeInstanceOf(pulumi.RunError);
    });

    it("is refused when the manifest is another than the one that was pinned", async () => {
        const file = path.join(__dirname, "../e2e/pods.yaml");
        const sha256 = "0".repeat(64);
        await expect(readManifest({ uri: file, sha256 })).rejects.toThrow(
            /pods.yaml: its sha256 is [0-9a-f]{64}, expected 0{64}/,
        );
        const right = (await import("crypto")).createHash("sha256").update(readFileSync(file)).digest("hex");
        expect((await readManifest({ uri: file, sha256: right })).map(({ kind }) => kind)).toEqual([
            "Pod",
            "Pod",
            "Service",
        ]);
    });
});

describe("Cilium", () => {
    it("finds the API without kube-proxy, and takes the user's values over ours", () => {
        const values = {
            ipam: { mode: "cluster-pool", operator: { clusterPoolIPv4MaskSize: 25 } },
            hubble: { enabled: true },
        };
        expect(
            ciliumValues(settingsOf({ plugin: CniPlugin.Cilium, values }, { kubeProxy: KubeProxyMode.None })),
        ).toEqual({
            ipam: { mode: "cluster-pool", operator: { clusterPoolIPv4MaskSize: 25 } },
            ipv4: { enabled: true },
            ipv6: { enabled: false },
            kubeProxyReplacement: true,
            k8sServiceHost: "192.0.2.100",
            k8sServicePort: 8443,
            hubble: { enabled: true },
        });
    });
});

describe("a node", () => {
    it("of a dual-stack cluster has an address of each family", () => {
        const text = workerConfig(
            settingsOf({}, DUAL),
            resolvedNode({ ...node("w1", 21), secondaryAddress: "2001:db8::21" }),
        );
        expect(text).toContain("value: 192.0.2.21,2001:db8::21");
    });

    it("has flags and kubelet settings of its own", () => {
        const settings = settingsOf({});
        const own = {
            ...node("w1", 21),
            kubeletExtraArgs: [{ name: "v", value: "4" }],
            kubeletConfiguration: { maxPods: 50 },
        };
        const config = workerConfig(settings, resolvedNode(own));
        expect(config).toMatch(/name: node-ip[^]*name: v\n/);
        expect(kubernetesParameters(settings, resolvedNode(own), workerConfig).KUBELET_PATCH).toBe('{"maxPods":50}');
    });

    it("has its labels and annotations by server-side apply, and nothing else of it", () => {
        expect(
            JSON.parse(
                nodeObjects(
                    [resolvedNode({ ...node("w1", 21), labels: { disk: "ssd" }, annotations: { rack: "4" } })],
                    {},
                ),
            ).items,
        ).toEqual([
            {
                apiVersion: "v1",
                kind: "Node",
                metadata: { name: "w1", labels: { disk: "ssd" }, annotations: { rack: "4" } },
            },
        ]);
    });
});

describe("the control plane's components", () => {
    it("take extra arguments in kubeadm's form, over ours of the same name", () => {
        const extraArgs = [
            { name: "profiling", value: "true" },
            { name: "audit-log-maxage", value: "30" },
        ];
        const settings = resolveSettings(
            clusterArgs({ apiServer: { extraArgs }, scheduler: { extraEnvs: [{ name: "A", value: "b" }] } }),
        );
        const text = controlPlaneConfig(settings, resolvedLeader(node("cp1", 11)));
        expect(text).toMatch(/apiServer:[^]*- name: profiling\n {6}value: "true"\n {4}- name: audit-log-maxage/);
        expect(text).toMatch(/scheduler:\n {2}extraEnvs:\n {4}- name: A/);
    });

    it("leave kube-proxy out", () => {
        const settings = settingsOf({ plugin: CniPlugin.Cilium }, { kubeProxy: KubeProxyMode.None });
        expect(controlPlaneConfig(settings, resolvedLeader(node("cp1", 11)))).toContain("proxy:\n  disabled: true");
    });
});
