import { expect } from "vitest";
import { eventually, kubectl } from "./stack";

/** These nodes are all there are, and every one is Ready. */
export async function expectReady(names: string[]): Promise<void> {
    const lines = await kubectl("get", "nodes", "--no-headers");
    expect(
        lines
            .split("\n")
            .map((line) => line.split(/\s+/).slice(0, 2).join(" "))
            .sort(),
    ).toEqual(names.map((name) => `${name} Ready`).sort());
}

/** An address as a URL has it: of IPv6 in brackets. */
export const inUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);

/** A pod on w1, one on w2, and a service in front of it. */
export async function podsReachEachOther(): Promise<void> {
    await kubectl("apply", "-f", "tests/e2e/pods.yaml");
    await kubectl("wait", "--for=condition=Ready", "pod/client-w1", "pod/server-w2", "--timeout=120s");
    const address = await kubectl("get", "pod", "server-w2", "-o", "jsonpath={.status.podIP}");
    const fetched = (url: string) => kubectl("exec", "client-w1", "--", "curl", "-sgf", "--max-time", "2", url);
    await eventually(60, "the pod on w2 answers the one on w1", async () => {
        expect(await fetched(`http://${inUrl(address)}:8080/`)).toBe("hello from w2");
    });
    await eventually(60, "the service answers by name", async () => {
        expect(await fetched("http://server.default.svc.cluster.local/")).toBe("hello from w2");
    });
}

export const liveCorefile = (): Promise<string> =>
    kubectl("-n", "kube-system", "get", "configmap", "coredns", "-o", "jsonpath={.data.Corefile}");
