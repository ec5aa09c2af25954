import { expect, it } from "vitest";
import { eventually, kubectl, onHost, said } from "../stack";
import { powerCut, testTopology } from "../topology";
import { reaches, serverAddresses, testPolicies } from "./policies";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("calico-bgp", {
    hosts: nodes,
    nodes,
    images: "all",
    failures: [powerCut("cp3", 15)],
    looks: (stack) => {
        it("BIRD has told each node the others' pods, and there is no tunnel", async () => {
            const [address] = await serverAddresses();
            await eventually(30, "w1's route to the pod on w2", async () => {
                expect(await onHost("w1", `ip route get ${address}`)).toContain("via 10.88.0.22 dev eth0");
            });
            expect(await onHost("w1", "ip route show proto bird")).toMatch(
                /^10\.250\.[\d./]+ via 10\.88\.0\.22 dev eth0/m,
            );
            const links = await onHost("w1", "ip -o -details link show");
            expect(links).not.toMatch(/\b(vxlan|ipip|tunl0)\b/);
        });

        it("every node's sessions with the others are established", async () => {
            const calico = ["-n", "kube-system", "rollout", "status", "daemonset/calico-node", "--timeout=60s"];
            expect(await kubectl(...calico)).toContain("successfully rolled out");
            // Calico's own look, which its readiness probe takes too: it names the sessions that are not.
            const pods = ["-n", "kube-system", "get", "pods", "-l", "k8s-app=calico-node"];
            for (const pod of (await kubectl(...pods, "-o", "name")).split("\n")) {
                const ready = ["/bin/calico-node", "-bird-ready"];
                await kubectl("-n", "kube-system", "exec", pod, "-c", "calico-node", "--", ...ready);
            }
        });

        testPolicies(stack);
    },
    changes: (stack) => {
        it.each([
            ["vxlan", "Never CrossSubnet", "proto 80"],
            ["bgp", "Never Never", "proto bird"],
        ])("the mode becomes %s by up: pods reach each other by its routes", async (mode, modes, protocol) => {
            stack.config.cni.mode = mode;
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(said(outcome)).toContain(`to '${modes}'`);
            const [address] = await serverAddresses();
            expect(await reaches(address)).toBe("hello from w2");
            // The test looks at every node, because calico-node restarts on some of them before the pool changes.
            await eventually(60, "the routes of every node are of the new mode alone", async () => {
                const protocols = nodes.map((name) =>
                    onHost(
                        name,
                        "ip route show | grep -E '^10\\.250\\.[0-9./]+ via' | grep -oE 'proto [a-z0-9]+' | sort -u",
                    ),
                );
                expect(await Promise.all(protocols)).toEqual(nodes.map(() => protocol));
            });
        });
    },
});
