import { ChildProcess, spawn } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

const LOCK = "/run/pulumi-kubeadm.lock";

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

/** Another run, which holds the host for some seconds and tells when it ends. */
async function anotherRun(seconds: number): Promise<ChildProcess> {
    const work = `touch /fake/held; sleep ${seconds}; echo another run ends >>/fake/calls`;
    const child = spawn("setsid", ["chroot", host.root, "flock", LOCK, "bash", "-c", work], { stdio: "ignore" });
    await expect.poll(() => host.exists("fake/held"), { timeout: 30_000 }).toBe(true);
    return child;
}

describe("a run on a host", () => {
    it("waits for another run to end before its first call", async () => {
        await anotherRun(2);
        host.ok("prepare", "create", controlPlaneDesired());
        expect(host.calls()[0]).toBe("another run ends");
    });

    it("holds the host while it works, and leaves it free when it has ended", () => {
        const look = `flock --nonblock ${LOCK} true && echo free >>/fake/calls || echo held >>/fake/calls`;
        host.write("usr/local/sbin/sysctl", `#!/bin/bash\n${look}\n`);
        host.ok("prepare", "create", controlPlaneDesired());
        const looks = () => [...new Set(host.calls().filter((call) => /^(free|held)$/.test(call)))];
        expect(looks()).toEqual(["held"]);
        host.exec(["sysctl"]);
        expect(looks()).toEqual(["free"]);
    });

    it("waits for nobody in preflight, which changes nothing", async () => {
        const { pid } = await anotherRun(50);
        expect(host.run("preflight", "create", PREFLIGHT).code).toBe(0);
        expect(host.calls()).not.toContain("another run ends");
        process.kill(-pid!, "SIGKILL");
    });
});
