import { expect, it } from "vitest";
import { eventually, kubectl, onHost, Stack } from "../stack";

const CA = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/** The endpoint is a name that the lab's name server knows. Every `kubectl` of these tests calls it too. */
export function testEndpointByName(stack: Stack, name: string, workers: string[]): void {
    const url = `https://${name}:6443`;

    it(`the operator, every worker and kube-proxy call ${url}, and a pod reaches it by that name`, async () => {
        expect(await stack.output("endpoint")).toBe(url);
        expect(await kubectl("config", "view", "-o", "jsonpath={.clusters[*].cluster.server}")).toBe(url);
        for (const host of workers) {
            const server = await onHost(host, "sed -n 's/^ *server: //p' /etc/kubernetes/kubelet.conf");
            expect(server, host).toBe(url);
        }
        const read = "jsonpath={.data.kubeconfig\\.conf}";
        const kubeProxy = await kubectl("-n", "kube-system", "get", "configmap", "kube-proxy", "-o", read);
        expect(kubeProxy).toContain(`server: ${url}\n`);
        await eventually(30, "the pod on w1 reaches the endpoint", async () => {
            const curl = ["curl", "-sf", "--max-time", "5", "--cacert", CA, `${url}/readyz`];
            expect(await kubectl("exec", "client-w1", "--", ...curl)).toBe("ok");
        });
    });
}
