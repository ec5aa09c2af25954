import { expect, it } from "vitest";
import { onHost } from "../stack";
import { testTopology } from "../topology";
import { apiserverLost, powerCut } from "./failures";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("node-local", {
    hosts: nodes,
    nodes,
    // The administrator's kubeconfig leads to cp1 here; the nodes have a way around each.
    failures: [apiserverLost(async () => "cp3", 3), powerCut("cp2", 15)],
    looks: () => {
        it("every kubelet and kube-proxy calls its own node", async () => {
            for (const host of nodes)
                expect(await onHost(host, "grep server: /etc/kubernetes/kubelet.conf"), host).toContain(
                    "https://127.0.0.1:8443",
                );
            const settings =
                "kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get configmap kube-proxy -o yaml";
            expect(await onHost("cp2", settings)).toContain("https://127.0.0.1:8443");
        });
    },
});
