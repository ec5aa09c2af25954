import { expect, it } from "vitest";
import { inUrl } from "../looks";
import { eventually, kubectl, Stack } from "../stack";

const DENY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all }
spec: { podSelector: { matchLabels: { app: server } }, policyTypes: [Ingress] }
`;

/** The addresses of the pod on w2, of each family. */
export const serverAddresses = async (): Promise<string[]> =>
    (await kubectl("get", "pod", "server-w2", "-o", "jsonpath={.status.podIPs[*].ip}")).split(" ");

/** What the pod on w1 gets from a URL. */
export const fetched = (url: string): Promise<string> =>
    kubectl("exec", "client-w1", "--", "curl", "-sgf", "--max-time", "2", url);

/** The pod on w1 asks the one on w2, by its address. */
export const reaches = (address: string): Promise<string> => fetched(`http://${inUrl(address)}:8080/`);

export function testPolicies(stack: Stack): void {
    it("a connection that a NetworkPolicy denies is denied, and allowed again without it", async () => {
        const addresses = await serverAddresses();
        for (const address of addresses) expect(await reaches(address)).toBe("hello from w2");
        await stack.apply(DENY);
        for (const address of addresses) {
            await eventually(30, "the policy is enforced", () => expect(reaches(address)).rejects.toThrow());
        }
        await kubectl("delete", "networkpolicy", "deny-all");
        for (const address of addresses) await eventually(30, "the policy is gone", () => reaches(address));
    });
}
