import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { controlPlaneDesired, releaseOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

const OTHER_VERSIONS = "is missing: scripts and program are of different versions";

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.fillsIn = false;
});
afterEach(() => {
    vi.unstubAllEnvs();
    host.remove();
});

describe("a step that is not sent a parameter that its phase needs", () => {
    it.each([
        ["prepare", "KUBEADM_CONFIG", workerDesired()],
        ["prepare", "CERT_SANS", controlPlaneDesired()],
        ["prepare", "NODE_ADDRESS", workerDesired()],
        ["node", "BOOTSTRAP_TOKEN", { ...releaseOf(workerDesired()), PKI_CA_CERT: "CA" }],
    ])("stops before it changes anything: %s without %s", (phase, name, parameters: ScriptParameters) => {
        const { code, stderr } = host.run(phase, "create", { ...parameters, [name]: undefined });
        expect(code).toBe(1);
        expect(stderr).toContain(`the parameter ${name} ${OTHER_VERSIONS}`);
        expect(host.exists("var/lib/pulumi-kubeadm")).toBe(false);
        expect(host.calls().filter((call) => !call.startsWith("logger"))).toEqual([]);
    });

    it("does not take a variable of the host's environment for it", () => {
        vi.stubEnv("KUBELET_PATCH", "of the environment");
        const parameters = { ...workerDesired(), KUBELET_PATCH: undefined };
        expect(host.run("prepare", "create", parameters).stderr).toContain(`KUBELET_PATCH ${OTHER_VERSIONS}`);
    });
});

describe("a parameter with a default", () => {
    it("has it, and not the value of a variable of the host's environment", () => {
        vi.stubEnv("LOAD_BALANCER", "haproxy");
        vi.stubEnv("HOST_PACKAGES", "false");
        host.fillsIn = true;
        host.ok("prepare", "create", workerDesired());
        const calls = host.calls().join("\n");
        expect(calls).toMatch(/apt-get .*install .*kubeadm/);
        expect(calls).not.toContain("haproxy");
    });
});
