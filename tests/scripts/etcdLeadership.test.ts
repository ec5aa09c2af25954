import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOOTSTRAP, controlPlaneDesired, ROLLOUT, sandboxWithMember } from "./desired";
import type { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.ok("prepare", "create", controlPlaneDesired());
    host.ok("node", "create", BOOTSTRAP);
    host.ok("node", "create", ROLLOUT);
    host.ok("prepare", "update", controlPlaneDesired({ kubernetesVersion: "1.36.4" }));
});
afterEach(() => host.remove());

/** Rolls a new version out while the member with this id leads; returns whom the leadership went to, and the calls. */
function rolloutUnder(leader: string): { targets: string[]; calls: string[] } {
    const status = { header: { member_id: "1" }, leader };
    host.write("fake/etcd/192.0.2.11/status", JSON.stringify(status));
    host.write("fake/etcd/192.0.2.11/transfer-leadership", "{}");
    host.write("fake/asked", "");
    host.calls();
    host.ok("node", "update", ROLLOUT);
    const asked = host.read("fake/asked").matchAll(/^(\S+)\/v3\/maintenance\/transfer-leadership (.*)$/gm);
    return { targets: [...asked].map(([, url, body]) => `${url} ${body}`), calls: host.calls() };
}

describe("a control plane node that changes", () => {
    it("gives etcd's leadership to another voting member before its own member stops", () => {
        const { targets, calls } = rolloutUnder("1");
        expect(targets).toEqual(['https://192.0.2.11:2379 {"targetID":"2"}']);
        const moved = calls.findIndex((call) => call.endsWith("/transfer-leadership"));
        expect(calls.indexOf("systemctl stop kubelet")).toBeGreaterThan(moved);
        expect(calls.findIndex((call) => call.startsWith("kubectl") && call.includes(" cordon "))).toBeLessThan(moved);
    });

    it("moves no leadership while another member leads", () => {
        const { targets, calls } = rolloutUnder("3");
        expect(targets).toEqual([]);
        expect(calls).toContain("systemctl stop kubelet");
    });
});
