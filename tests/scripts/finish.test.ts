import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CniPlugin } from "../../components/model/cni";
import { controlPlaneDesired } from "./desired";
import { nodeObject } from "./nodeObject";
import { Sandbox } from "./sandbox";

const parameters = {
    NODE_NAME: "cp3",
    NODES: ["cp1", "w1", "w2"],
    NODE_OBJECTS: '{"kind":"List","items":[]}',
    CONTROL_PLANE_OBJECTS: '{"kind":"List","items":[]}',
    WAIT_FOR_READY: true,
};

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.hurry();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.write("fake/node-cp1", nodeObject("cp1"));
    host.write("fake/node-w1", nodeObject("w1", { token: "aaaaaa" }));
    host.write("fake/node-w2", nodeObject("w2", { token: "bbbbbb" }));
    members("11", "12", "13");
    host.write("fake/secrets", "bootstrap-token-aaaaaa bootstrap-token-cccccc bootstrap-token-bbbbbb");
    host.calls();
});
afterEach(() => host.remove());

/** etcd's members, by the last part of their addresses. */
const members = (...lasts: string[]): void => {
    const list = lasts.map((last) => ({ ID: last, name: `cp${last}`, peerURLs: [`https://192.0.2.${last}:2380`] }));
    for (const last of ["11", "12", "13"]) {
        host.write(`fake/etcd/192.0.2.${last}/list`, JSON.stringify({ members: list }));
    }
};

const requests = (): string[] => host.calls().filter((call) => call.startsWith("kubectl"));
const finish = (): string[] => {
    host.ok("finish", "update", parameters);
    return requests();
};
const DROPPED = "labelSelector=pulumi-kubeadm%2Fjoin-token%20in%20(aaaaaa,bbbbbb)";

describe("finish", () => {
    it("labels nodes, looks at all of them at once, and drops the credentials they joined with in one request", () => {
        const calls = finish();
        expect(calls.filter((call) => call.includes("apply --server-side"))).toEqual([
            expect.stringContaining("--field-manager pulumi-kubeadm -f"),
            expect.stringContaining("--field-manager pulumi-kubeadm-role -f"),
        ]);
        expect(calls.filter((call) => / (wait|get node) /.test(call))).toEqual([]);
        expect(calls.filter((call) => call.includes(" delete "))).toEqual([expect.stringContaining(DROPPED)]);
    });

    it("sets the taints that differ, keeps those of others, and takes away those that the program set before", () => {
        const taint = (key: string) => ({ key, effect: "NoSchedule" });
        const withTaints = (name: string, keys: string[], owned: string[]) => {
            const object = JSON.parse(nodeObject(name));
            object.metadata.resourceVersion = "7";
            object.metadata.annotations["pulumi-kubeadm/taints"] = JSON.stringify(owned.map(taint));
            host.write(`fake/node-${name}`, JSON.stringify({ ...object, spec: { taints: keys.map(taint) } }));
        };
        withTaints("w1", ["others", "former", "stays"], ["former", "stays"]);
        withTaints("w2", ["stays"], ["stays"]);
        const items = ["w1", "w2"].map((name) => ({
            metadata: { name, annotations: { "pulumi-kubeadm/taints": JSON.stringify([taint("stays")]) } },
        }));
        host.ok("finish", "update", { ...parameters, NODE_OBJECTS: JSON.stringify({ kind: "List", items }) });
        const patches = requests().filter((call) => call.includes(" patch node "));
        expect(patches).toHaveLength(1);
        const patch = JSON.parse(/--patch (.*)$/.exec(patches[0])![1]);
        expect(patch).toEqual({
            metadata: {
                resourceVersion: "7",
                annotations: { "pulumi-kubeadm/taints": JSON.stringify([taint("stays")]) },
            },
            spec: { taints: [taint("others"), taint("stays")] },
        });
    });

    it("asks again when a request is lost with the balancer or the apiserver that had it", () => {
        host.write("fake/away", "once\n");
        expect(finish().filter((call) => call.includes(DROPPED))).toHaveLength(1);
    });

    it("names who is not Ready when it gives up, ten names at most, and keeps the credentials", () => {
        const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
        names.forEach((name) => host.write(`fake/node-${name}`, nodeObject(name, { ready: name === "n7" })));
        const { code, stderr } = host.run("finish", "update", { ...parameters, NODES: names });
        expect(code).toBe(1);
        expect(stderr).toContain("29 of 30 nodes: n0 is not Ready, n1 is not Ready");
        expect(stderr).toMatch(/n10 is not Ready and 19 more\n/);
        expect(requests().filter((call) => call.includes(" delete "))).toEqual([]);
    });

    it("tells what the kubelet of a node says that is not Ready", () => {
        const message = "container runtime network not ready: cni plugin not initialized";
        host.write("fake/node-w1", nodeObject("w1", { ready: false, message }));
        const { code, stderr } = host.run("finish", "update", parameters);
        expect(code).toBe(1);
        expect(stderr).toMatch(new RegExp(`^1 of \\d nodes: w1 is not Ready \\(${message}\\)$`, "m"));
    });

    it("makes no Node of one that is not registered: its annotation would say that its machine has joined", () => {
        const { code, stderr } = host.run("finish", "update", { ...parameters, NODES: ["cp1", "w1", "w9"] });
        expect(code).toBe(1);
        expect(stderr).toContain("1 of 3 nodes: w9 is not registered");
        expect(stderr).toContain("If an interrupted run was removing such a node: end the removal");
        expect(requests().filter((call) => call.includes(" apply "))).toEqual([]);
    });

    it("misses a control plane node whose member an interrupted removal has taken", () => {
        members("11", "13");
        const { code, stderr } = host.run("finish", "update", parameters);
        expect(code).toBe(1);
        expect(stderr).toContain("without an etcd member: cp2\n");
        expect(stderr).toContain("If an interrupted run was removing such a node: end the removal");
    });

    it("takes an error for no answer, never for nodes that are Ready", () => {
        host.write("fake/refused", "get nodes\n");
        expect(host.run("finish", "update", parameters).code).toBe(1);
    });

    it("waits for nobody to be Ready without a CNI of its own", () => {
        host.write("fake/node-w2", nodeObject("w2", { ready: false, token: "bbbbbb" }));
        host.ok("prepare", "update", controlPlaneDesired({ cni: { plugin: CniPlugin.None } }));
        host.ok("finish", "update", { ...parameters, WAIT_FOR_READY: false });
        expect(requests().filter((call) => call.includes(DROPPED))).toHaveLength(1);
    });
});
