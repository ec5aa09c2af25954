import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { workerDesired } from "./desired";
import type { Result } from "./sandbox";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.hurry();
    // 8 s of a test are enough.
    host.write("toolkit/lib/cluster/zz-sleep.sh", "sleep() { command sleep 0.05; }\n");
    host.ok("prepare", "create", workerDesired());
    host.ok("node", "create", {});
    host.write("fake/run-kubelet", "first\n");
});
afterEach(() => host.remove());

function change(): Result {
    host.ok("prepare", "update", workerDesired({ kubeletConfiguration: { maxPods: 50 } }));
    return host.run("node", "update", {});
}

describe("after the change of a live host", () => {
    it("what the change restarted runs on", () => {
        const { code, stderr } = change();
        expect(code, stderr).toBe(0);
        expect(stderr).toContain("looking for restarts");
    });

    it("what restarts again and again is a fault", () => {
        host.write("fake/restarting-kubelet", "");
        const { code, stderr } = change();
        expect(code).toBe(1);
        expect(stderr).toContain("kubelet has restarted");
        expect(stderr).toContain("timed out after 1s waiting for what restarted to run for 8 s");
    });

    it("what ends, and waits for its next start, is a fault", () => {
        host.write("fake/state-kubelet", "activating");
        const { code, stderr } = change();
        expect(code).toBe(1);
        expect(stderr).toContain("kubelet does not run");
    });

    it("nothing is waited for where nothing restarted", () => {
        host.ok("prepare", "update", workerDesired());
        const { code, stderr } = host.run("node", "update", {});
        expect(code, stderr).toBe(0);
        expect(stderr).not.toContain("looking for restarts");
    });
});
