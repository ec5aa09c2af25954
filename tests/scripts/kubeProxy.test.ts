import { afterEach, beforeEach, expect, it } from "vitest";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions/versions";
import { controlPlaneDesired, sandboxWithMember } from "./desired";
import type { Sandbox } from "./sandbox";

/** kubeadm uploads kube-proxy's configuration and restarts no pod of it. */
let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.hurry();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.write("fake/etcd/192.0.2.11/when", "/etc/os-release");
    host.write("fake/versions", `cp1 v${DEFAULT_KUBERNETES_VERSION}\n`);
    host.write("fake/kube-proxy", "mode: iptables");
});
afterEach(() => host.remove());

/** Applies the cluster's configuration, as kubeadm would upload it. Returns the restarts of kube-proxy, and what is recorded then. */
function apply(kubeProxy: string, enabled = true): { restarts: number; code: number | null; recorded: string } {
    host.write("fake/kube-proxy", kubeProxy);
    host.calls();
    const { code } = host.run("cluster", "update", {
        ...{ NODE_NAME: "cp1", NODES: ["cp1", "cp2", "cp3"], CONTROL_PLANE_VERSION: DEFAULT_KUBERNETES_VERSION },
        ...{ KUBEADM_UPLOAD: "new", JOIN_TOKENS: [], COREDNS_PATCH: "{}", KUBE_PROXY_ENABLED: enabled },
    });
    const calls = host.calls();
    const recorded = calls.map((call) => /--from-literal kubeProxy=(\S*)/.exec(call)?.[1]).find((text) => text) ?? "";
    if (code === 0) host.write("fake/recorded-kube-proxy", recorded);
    host.write("fake/recorded", "cp1 cp2 cp3");
    return { restarts: calls.filter((call) => call.includes("rollout restart")).length, code, recorded };
}

it("is restarted when its configuration changes, and not otherwise", () => {
    expect(apply("mode: iptables").restarts).toBe(0);
    expect(apply("mode: nftables").restarts).toBe(1);
    expect(apply("mode: nftables").restarts).toBe(0);
});

it.each([
    ["with the same configuration", "mode: nftables"],
    ["with the former one", "mode: iptables"],
])("is restarted by the next run, %s, where the restart or what follows it failed", (_, next) => {
    expect(apply("mode: iptables").recorded).toMatch(/^[0-9a-f]{16}$/);
    host.write("fake/refused", "create configmap");
    expect(apply("mode: nftables")).toMatchObject({ restarts: 1, code: 1 });
    host.exec(["rm", "/fake/refused"]);
    expect(apply(next)).toMatchObject({ restarts: 1, code: 0 });
});

it("is restarted once in a cluster whose record does not tell its configuration", () => {
    host.write("fake/recorded", "cp1 cp2 cp3");
    expect([apply("mode: nftables").restarts, apply("mode: nftables").restarts]).toEqual([1, 0]);
});
