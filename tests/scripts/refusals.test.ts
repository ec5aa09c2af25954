import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOOTSTRAP, controlPlaneDesired, ROLLOUT, sandboxWithMember, workerDesired } from "./desired";
import type { Sandbox } from "./sandbox";
import { ScriptParameters } from "../../components/host/contract";
import { LoadBalancerType as Type } from "../../components/model/loadBalancerType";

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
});
afterEach(() => host.remove());

const balancedBy = (type: Type, changes = {}): ScriptParameters =>
    controlPlaneDesired({ loadBalancer: { type, virtualAddress: "192.0.2.100" }, ...changes });

/** A live control plane node. */
function live(desired: ScriptParameters): void {
    host.ok("prepare", "create", desired);
    host.ok("node", "create", BOOTSTRAP);
    host.ok("node", "create", ROLLOUT);
}

const BALANCERS: [Type, string][] = [
    [Type.Haproxy, "etc/haproxy/haproxy.cfg"],
    [Type.Nginx, "etc/nginx/nginx.conf"],
];

describe.each(BALANCERS)("a changed configuration that %s refuses", (type, file) => {
    const program = type.toString();
    const port = { loadBalancer: { type, virtualAddress: "192.0.2.100", port: 9443 } };

    it("does not take the place of the one that works, is not loaded, and the phase fails", () => {
        live(balancedBy(type));
        const before = host.read(file);
        host.ok("prepare", "update", balancedBy(type, port));
        host.write(`fake/${program}-refuses`, "");
        host.calls();
        const { code, stderr } = host.run("node", "update", ROLLOUT);
        expect(code).toBe(1);
        expect(stderr).toContain(`${program} refuses its configuration`);
        expect(host.read(file)).toBe(before);
        expect(host.exists(`${file}.new`)).toBe(false);
        const loads = new RegExp(`systemctl (restart|reload-or-restart|start) ${program}$`);
        expect(host.calls().filter((call) => loads.test(call))).toEqual([]);

        host.exec(["rm", `/fake/${program}-refuses`]);
        host.ok("node", "update", ROLLOUT);
        expect(host.read(file)).toContain("9443");
        expect(host.calls().filter((call) => loads.test(call))).toHaveLength(1);
    });

    it("on a new host: the phase fails and nothing is started", () => {
        host.write(`fake/${program}-refuses`, "");
        expect(host.run("prepare", "create", balancedBy(type)).stderr).toContain(
            `${program} refuses its configuration`,
        );
        expect(host.exists(`fake/active-${program}`)).toBe(false);
    });
});

describe("a balancer that does not start", () => {
    it.each([Type.Haproxy, Type.Nginx])("%s: the phase fails, with what systemd says", (type) => {
        host.write(`fake/unstartable-${type}`, "");
        const { code, stderr } = host.run("prepare", "create", balancedBy(type));
        expect(code).not.toBe(0);
        expect(stderr).toContain(`Job for ${type}.service failed`);
    });
});

describe("a controller that does not run after a change", () => {
    it.each(["kube-controller-manager", "kube-scheduler"])("%s is waited for, and the phase fails", (name) => {
        live(controlPlaneDesired());
        host.ok("prepare", "update", controlPlaneDesired({ kubernetesVersion: "1.36.4" }));
        host.write("fake/ended", `${name}\n`);
        const flag = "Error: unknown flag: --no-such-flag";
        host.write(`fake/log-${name}`, `Usage:\n  ${name} [flags]\n${flag}\n`);
        host.write("fake/journal-kubelet", `E1127 first\nE1127 pod is in CrashLoopBackOff ${"x".repeat(500)}\n`);
        host.write("fake/journal-containerd", 'time="2026" level=info msg=fine\n');
        host.hurry();
        host.calls();
        const { code, stderr } = host.run("node", "update", ROLLOUT);
        expect(code).toBe(1);
        expect(stderr).toContain(`timed out after 1s waiting for ${name} to run`);
        // What the components said last comes before, the longest line cut.
        expect(stderr).toMatch(
            new RegExp(`^kubelet: E1127 pod is in CrashLoopBackOff x{350,380}\n${name}: ${flag}$`, "m"),
        );
        expect(stderr).not.toContain("containerd:");
        const looks = host.calls().filter((call) => call === `crictl ps --quiet --name ^${name}$`);
        expect(looks.length).toBeGreaterThan(1);
        host.exec(["rm", "/fake/ended"]);
        host.ok("node", "update", ROLLOUT);
    });
});

it("a worker whose Node is not Ready after a change: the phase fails, with what the kubelet says", () => {
    const worker = { NODE_NAME: "w1" };
    host.ok("prepare", "create", workerDesired());
    host.ok("node", "create", { ...worker, PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" });
    host.ok("prepare", "update", workerDesired({ kubeletConfiguration: { maxPods: 50 } }));
    host.write("fake/node-status", "machine v1.36.3 False\ncni plugin not initialized");
    host.hurry();
    const { code, stderr } = host.run("node", "update", { ...worker, WAIT_FOR_READY: true });
    expect(code).toBe(1);
    expect(stderr).toContain("the Node is: machine v1.36.3 False\ncni plugin not initialized\n");
    expect(stderr).toContain("waiting for this Node to be Ready");
});
