import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOOTSTRAP, controlPlaneDesired, sandboxWithMember, votingMember } from "./desired";
import type { Sandbox } from "./sandbox";

/** Of a node that is no founding member: it may join and nothing else. */
const bootstrap = { ...BOOTSTRAP, FOUNDER: "", FOUNDERS: [] };
const learner = { ID: "1", peerURLs: ["https://192.0.2.11:2380"], isLearner: true };

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/etcd/192.0.2.12/list", JSON.stringify({ members: [learner, votingMember(2), votingMember(3)] }));
    host.calls();
});
afterEach(() => host.remove());

const manifest = "etc/kubernetes/manifests/kube-apiserver.yaml";

describe("a control plane node whose etcd member is a learner", () => {
    it("has it promoted to a voting member, by its id, before its kube-apiserver starts", () => {
        host.write("fake/etcd/192.0.2.12/promote", "{}");
        host.ok("node", "create", bootstrap);
        expect(host.read("fake/asked")).toContain('https://192.0.2.12:2379/v3/cluster/member/promote {"ID":"1"}\n');
        const calls = host.calls();
        const promoted = calls.findIndex((call) => call.endsWith("/member/promote"));
        expect(promoted).toBeGreaterThan(calls.indexOf("kubeadm makes etcd"));
        expect(calls.indexOf("kubeadm makes control-plane")).toBeGreaterThan(promoted);
        expect(host.exists(manifest)).toBe(true);
    });

    it("fails, without a kube-apiserver, when etcd does not promote it", () => {
        host.hurry();
        const { code, stderr } = host.run("node", "create", bootstrap);
        expect(code).toBe(1);
        expect(stderr).toContain("timed out after 1s waiting for etcd to promote cp1 to a voting member");
        expect(host.calls().filter((call) => call.endsWith("/member/promote")).length).toBeGreaterThan(1);
        expect(host.exists(manifest)).toBe(false);
    });
});

describe("a control plane node whose etcd member votes already", () => {
    it("asks for no promotion", () => {
        const members = [1, 2, 3].map(votingMember);
        host.write("fake/etcd/192.0.2.12/list", JSON.stringify({ members }));
        host.write("var/lib/etcd/member/wal", "");
        host.ok("node", "create", bootstrap);
        expect(host.calls().filter((call) => call.endsWith("/member/promote"))).toEqual([]);
    });
});
