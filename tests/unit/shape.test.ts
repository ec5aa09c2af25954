import { describe, expect, it } from "vitest";
import { shapeFaults, typedConfig } from "../../components/stack/shape";

function told(config: object): string[] {
    const faults = shapeFaults({ controlPlaneNodes: [], ...config });
    return faults.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
}

/** What people type, and what they are told. */
const SLIPS: [object, string][] = [
    [
        { controlPlaneNodes: ["10.0.0.11"] },
        'controlPlaneNodes[0]: got "10.0.0.11", expected { name: …, address: 10.0.0.11 }',
    ],
    [{ controlPlaneNodes: ["cp1"] }, 'controlPlaneNodes[0]: got "cp1", expected { name: cp1, address: … }'],
    [
        { workerNodes: { w1: {} } },
        "workerNodes: got an object, expected a list with an entry { name: …, address: … } for each",
    ],
    [{ workerNodes: [{ name: "w1" }] }, "workerNodes[0].address: got nothing, expected a text"],
    [{ cni: "calico" }, 'cni: got "calico", expected { plugin: calico }'],
    [
        { apiServer: { extraArgs: { v: "3" } } },
        "apiServer.extraArgs: got an object, expected a list with an entry { name: …, value: … } for each",
    ],
    [
        { apiServer: { extraArgs: [{ name: "v", value: 3 }] } },
        'apiServer.extraArgs[0].value: got 3, expected a text, in quotes: "3"',
    ],
    [{ apiServer: { certSANs: [] } }, "apiServer.certSANs: unknown key, did you mean certSANs at the top level?"],
    [{ etcd: { certSANs: [] } }, "etcd.certSANs: unknown key, did you mean serverCertSANs?"],
    [
        { workerNodes: [{ name: "w1", address: "10.0.0.21", hostSetup: {} }] },
        "workerNodes[0].hostSetup: unknown key, did you mean hostSetup at the top level?",
    ],
    [
        { controlPlaneNodes: [{ name: "cp1", address: "10.0.0.11", podSubnet: "" }] },
        "controlPlaneNodes[0].podSubnet: unknown key, did you mean network.podSubnet?",
    ],
    [{ certSANs: "api.example.com" }, 'certSANs: got "api.example.com", expected a list: [api.example.com]'],
    [{ certSANs: [5] }, 'certSANs[0]: got 5, expected a text, in quotes: "5"'],
    [{ controlplaneNodes: [] }, "controlplaneNodes: unknown key, did you mean controlPlaneNodes?"],
    [{ lodBalancer: {} }, "lodBalancer: unknown key, did you mean loadBalancer?"],
    [
        { network: { podCidr: "" } },
        "network.podCidr: unknown key, expected one of podSubnet, serviceSubnet, dnsDomain, kubeProxy",
    ],
    [{ storage: { provisioner: "local" } }, 'storage.provisioner: got "local", expected local-path or nfs'],
    [{ cni: { mode: 5 } }, "cni.mode: got 5, expected vxlan or "],
    [{ etcd: { topology: [] } }, "etcd.topology: got a list, expected stacked or "],
    [{ etcd: { runtime: null } }, "etcd.runtime: got null, expected "],
    [{ loadBalancer: { proxy: { log: true } } }, "loadBalancer.proxy.log: got true, expected "],
    [{ loadBalancer: { vrrp: { multicast: "no" } } }, 'loadBalancer.vrrp.multicast: got "no", expected true or false'],
    [
        { loadBalancer: { vrrp: { password: 12345 } } },
        "loadBalancer.vrrp.password: got a number that is not shown, expected a text, in quotes",
    ],
    [{ etcd: { hosts: null } }, "etcd.hosts: got null, expected a list with an entry { name: …, address: … } for each"],
    [{ sources: { registries: { "a.b": null } } }, 'sources.registries["a.b"]: got null, expected an object with '],
    [{ kubeletConfiguration: "maxPods=5" }, 'kubeletConfiguration: got "maxPods=5", expected an object: key: value'],
];

describe("a configuration of the wrong shape", () => {
    it.each(SLIPS)("%j", (config, sentence) => {
        const said = told(config);
        expect(said).toHaveLength(1);
        expect(said[0].startsWith(sentence), said[0]).toBe(true);
    });

    it("has kubectl's way of writing a taint told in ours", () => {
        const taints = ["gpu=a100:NoSchedule", "gpu:NoExecute"];
        expect(told({ workerNodes: [{ name: "w1", address: "10.0.0.21", taints }] })).toEqual([
            'workerNodes[0].taints[0]: got "gpu=a100:NoSchedule", expected { key: gpu, value: a100, effect: NoSchedule }',
            'workerNodes[0].taints[1]: got "gpu:NoExecute", expected { key: gpu, effect: NoExecute }',
        ]);
    });

    it("is judged by the rules without what is of the wrong type", () => {
        const config = {
            certSANs: 5,
            cni: { mtu: "big" },
            workerNodes: [null, { name: "w2", address: "10.0.0.22" }],
            x: 1,
        };
        expect(typedConfig(config)).toEqual({
            // It must be there.
            controlPlaneNodes: [],
            cni: {},
            workerNodes: [
                { name: "", address: "" },
                { name: "w2", address: "10.0.0.22" },
            ],
        });
    });
});
