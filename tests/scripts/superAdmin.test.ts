import { execFileSync } from "child_process";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOOTSTRAP as bootstrap, controlPlaneDesired, sandboxWithMember } from "./desired";
import type { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.ok("prepare", "create", controlPlaneDesired());
    host.calls();
});
afterEach(() => host.remove());

/** What the phases have written that is called super-admin.conf, wherever on the host. */
const remains = (): string[] => {
    const written = path.join(host.root, "../upper");
    return execFileSync("find", [written, "-name", "super-admin.conf"], { encoding: "utf8" })
        .split("\n")
        .filter(Boolean);
};
const isMember = () => host.exists("var/lib/pulumi-kubeadm/joined");
const binding = /super-admin\.conf .*create clusterrolebinding/;

describe("super-admin.conf, whose power nobody can take back", () => {
    it("is nowhere on the host once the administrators' role binding is made", () => {
        host.ok("node", "create", bootstrap);
        expect(host.calls().filter((call) => binding.test(call))).toHaveLength(1);
        expect(remains()).toEqual([]);
    });

    it("is nowhere on the host when the role binding cannot be made, and the phase fails", () => {
        host.write("fake/unbindable", "");
        host.hurry();
        const { code, stderr } = host.run("node", "create", bootstrap);
        expect(code).toBe(1);
        expect(stderr).toContain("timed out after 1s waiting for the cluster-admins role binding to exist");
        expect(remains()).toEqual([]);
        expect(isMember()).toBe(false);
    });

    it("is removed when a signal ends the phase at that call", async () => {
        host.write("fake/unbindable", "");
        await host.runAndKillAt(binding, "node", "create", bootstrap, "SIGTERM");
        await expect.poll(remains, { timeout: 5000 }).toEqual([]);
    });

    it("is in a folder that only root can enter, and the next run removes it where the phase was killed at that call", async () => {
        host.write("fake/unbindable", "");
        await host.runAndKillAt(binding, "node", "create", bootstrap);
        expect(remains()).toHaveLength(1);
        expect(host.mode(path.dirname(path.relative(path.join(host.root, "../upper"), remains()[0])))).toBe("700");
        host.write("var/lib/etcd/member/wal", "");
        // Another control plane node makes the binding meanwhile.
        host.write("fake/bound", "");
        host.calls();
        host.ok("node", "create", bootstrap);
        expect(host.calls().filter((call) => binding.test(call))).toEqual([]);
        expect(remains()).toEqual([]);
        expect(isMember()).toBe(true);
    });
});
