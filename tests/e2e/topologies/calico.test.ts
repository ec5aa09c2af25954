import { expect, it } from "vitest";
import { eventually, kubectl } from "../stack";
import { powerCut, testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const server = () => kubectl("get", "pod", "server-w2", "-o", "jsonpath={.status.podIP}");
const reaches = async (address: string) =>
    kubectl("exec", "client-w1", "--", "curl", "-sf", "--max-time", "2", `http://${address}:8080/`);

const DENY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all }
spec: { podSelector: { matchLabels: { app: server } }, policyTypes: [Ingress] }
`;

testTopology("calico", {
    hosts: nodes,
    nodes,
    images: "all",
    failures: [powerCut("cp3", 15)],
    looks: (stack) => {
        it("pods have addresses of the configured subnet", async () => {
            expect(await server()).toMatch(/^10\.250\./);
        });

        it("a connection that a NetworkPolicy denies is denied, and allowed again without it", async () => {
            const address = await server();
            expect(await reaches(address)).toBe("hello from w2");
            await stack.apply(DENY);
            await eventually(30, "the policy is enforced", () => expect(reaches(address)).rejects.toThrow());
            await kubectl("delete", "networkpolicy", "deny-all");
            await eventually(30, "the policy is gone", () => reaches(address));
        });
    },
});
