import { expect, it } from "vitest";
import { onHost, said, Stack } from "../stack";
import { testTopology } from "../topology";
import { testBecomes, withChanges } from "./change";
import { apiserverLost, powerCut } from "./failures";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("node-local", {
    hosts: nodes,
    nodes,
    images: "all",
    // The administrator's kubeconfig leads to cp1 here; the nodes have a way around each.
    failures: [apiserverLost(async () => "cp3", 3), powerCut("cp2", 15)],
    looks: (stack) => {
        it("every worker's kubelet and every kube-proxy calls its own node", async () => {
            // kubeadm gives a control plane node's kubelet that node's own kube-apiserver.
            const servers = await Promise.all(
                nodes.map((host) => onHost(host, "sed -n 's/^ *server: //p' /etc/kubernetes/kubelet.conf")),
            );
            expect(servers).toEqual([
                "https://10.88.0.11:6443",
                "https://10.88.0.12:6443",
                "https://10.88.0.13:6443",
                "https://127.0.0.1:8443",
                "https://127.0.0.1:8443",
            ]);
            const settings =
                "kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get configmap kube-proxy -o yaml";
            expect(await onHost("cp2", settings)).toContain("https://127.0.0.1:8443");
        });

        it("a changed balancer is read by the pod that runs, and no kubelet restarts", async () => {
            const running = async (host: string) =>
                onHost(
                    host,
                    "crictl ps --quiet --name '^load-balancer$'; systemctl show kubelet --property MainPID,NRestarts",
                );
            const before = await Promise.all(nodes.map(running));
            const loadBalancer = { ...stack.config.loadBalancer, proxy: { check: { interval: 2 } } };
            const outcome = await new Stack({ ...stack.config, loadBalancer }).up();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(await Promise.all(nodes.map(running))).toEqual(before);
            for (const host of nodes) {
                expect(await onHost(host, "cat /etc/kubernetes/load-balancer/haproxy.cfg"), host).toContain(
                    "inter 2000ms",
                );
            }
        });

        // What follows, `destroy` too, is nginx's. cp1, where the writes go, answers throughout.
        testBecomes("nginx", withChanges(stack, { type: "nginx" }), nodes, 5);
    },
});
