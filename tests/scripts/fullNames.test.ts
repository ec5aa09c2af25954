import { afterEach, beforeEach, expect, it } from "vitest";
import { clusterArgs } from "../unit/fixtures";
import { BOOTSTRAP, ROLLOUT, controlPlaneDesired, sandboxWithMember, votingMember } from "./desired";
import type { Sandbox } from "./sandbox";

/** A control plane node whose name is a full DNS name. */
const NODE_NAME = "cp1.example.org";
const full = <T extends { name: string }>(host: T): T => ({ ...host, name: `${host.name}.example.org` });
const desired = (kubernetesVersion?: string) => {
    const controlPlaneNodes = clusterArgs().controlPlaneNodes.map(full);
    return { ...controlPlaneDesired({ controlPlaneNodes, kubernetesVersion }), NODE_NAME };
};
const PODS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members: [1, 2, 3].map(votingMember).map(full) }));
});
afterEach(() => host.remove());

it("a node with a full name forms etcd by it, registers by it, and a change of it ends its own static pods alone", () => {
    const founders = [1, 2, 3].map((number) => `cp${number}.example.org=192.0.2.${number + 10}`);
    host.ok("prepare", "create", desired());
    host.ok("node", "create", { ...BOOTSTRAP, NODE_NAME, FOUNDERS: founders });
    const member = "cp1.example.org=https://192.0.2.11:2380";
    expect(host.read("var/lib/pulumi-kubeadm/patches/etcd+json.json")).toContain(member);
    expect(host.calls().find((call) => /^kubectl .* label /.test(call))).toContain(` node ${NODE_NAME} `);

    const others = `kube-apiserver-${NODE_NAME.replace(".", "x")}`;
    const pods = PODS.map((name) => `${name}-${NODE_NAME}`);
    for (const name of PODS) {
        const manifest = `etc/kubernetes/manifests/${name}.yaml`;
        if (!host.exists(manifest)) host.write(manifest, "");
    }
    for (const pod of [...pods, others]) host.write(`fake/running/${pod}`, "");
    host.ok("prepare", "update", desired("1.36.4"));
    host.ok("node", "update", { ...ROLLOUT, NODE_NAME });
    expect([...pods, others].filter((pod) => host.exists(`fake/running/${pod}`))).toEqual([others]);
});
