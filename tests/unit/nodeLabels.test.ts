import { describe, expect, it } from "vitest";
import { clusterFaults } from "../../components/model/clusterRules";
import { clusterArgs, node } from "./fixtures";

/** What is said of a worker's flag `node-labels`. */
function said(value: string, labels: Record<string, string> = {}, more: object = {}): string[] {
    const worker = { ...node("w1", 21), labels, kubeletExtraArgs: [{ name: "node-labels", value }] };
    return clusterFaults(clusterArgs({ workerNodes: [worker], ...more })).map(
        ({ propertyPath, reason }) => `${propertyPath}: ${reason}`,
    );
}

const AT = "workerNodes[0].kubeletExtraArgs[0].value";

describe("a kubelet's flag node-labels", () => {
    it.each([
        "",
        "a=b,c=",
        "example.com/role=db,topology.kubernetes.io/zone=a",
        "node.kubernetes.io/instance-type=m5,kubelet.kubernetes.io/x=1,a.node.kubernetes.io/y=2",
        "k8s.io.example.com/a=b,mykubernetes.io/a=b",
    ])("takes what the kubelet takes: %j", (value) => expect(said(value)).toEqual([]));

    it.each([
        "node-role.kubernetes.io/worker=",
        "kubernetes.io/role=db",
        "k8s.io/a=b",
        "app.kubernetes.io/name=x",
        "node-restriction.kubernetes.io/a=b",
        "a.k8s.io/b=c",
        "mynode.kubernetes.io/a=b",
    ])("takes no label that a kubelet may not give itself, and says where it belongs: %s", (pair) => {
        const [key] = pair.split("=");
        const expected = `${AT}: got "${key}", expected another label, because a kubelet may not give itself this one: set it in labels`;
        expect(said(`a=b,${pair}`)).toEqual([expected]);
        expect(said(pair, {}, { passUnknownOptions: true })).toEqual([expected]);
    });

    it("does not send to labels what those refuse too", () => {
        expect(said("node-role.kubernetes.io/control-plane=")).toEqual([
            `${AT}: got "node-role.kubernetes.io/control-plane", expected another label: kubeadm writes this one`,
        ]);
    });

    it.each([
        ["worker", "worker"],
        ["-a=b", "-a"],
        ["a/b/c=d", "a/b/c"],
        ["a=b!", "b!"],
        ["a=b=c", "b=c"],
        [`a=${"b".repeat(64)}`, "b".repeat(64)],
    ])("names what is no label: %s", (pair, got) => {
        expect(said(`x=y,${pair}`)).toEqual([expect.stringContaining(`${AT}: got "${got}", expected`)]);
    });

    it("says nothing else than labels, which the program writes", () => {
        expect(said("zone=a", { zone: "a" })).toEqual([]);
        expect(said("zone=a", { zone: "b" })).toEqual([
            `${AT}: got "zone=a", expected a label that labels does not set to another value (there it is "b")`,
        ]);
    });

    it("stands for each time that it is given", () => {
        const flags = ["a=b", "kubernetes.io/a=b"].map((value) => ({ name: "node-labels", value }));
        const faults = clusterFaults(clusterArgs({ workerNodes: [{ ...node("w1", 21), kubeletExtraArgs: flags }] }));
        expect(faults.map(({ propertyPath }) => propertyPath)).toEqual(["workerNodes[0].kubeletExtraArgs[1].value"]);
    });
});
