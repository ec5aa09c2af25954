import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { SENT } from "../../tools/scriptParameters";
import { BOOTSTRAP, controlPlaneDesired, releaseOf, workerDesired } from "./desired";
import { Sandbox, needed } from "./sandbox";

const missing = (name: string) => `the parameter ${name} is missing: scripts and program are of different versions`;

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.fillsIn = false;
});
afterEach(() => {
    vi.unstubAllEnvs();
    host.remove();
});

const changes = () => host.calls().filter((call) => !call.startsWith("logger"));

describe("a step that is not sent a parameter that it needs stops before it changes anything", () => {
    const phases = Object.keys(SENT).filter((key) => !/^(head$|etcd\/|part\/)/.test(key));

    it.each(phases)("%s", (key) => {
        const [phase, role = "control-plane"] = key.split("/");
        const identity = { CLUSTER_ID: "this-cluster", NODE_NAME: "h", NODE_ADDRESS: "192.0.2.11", ROLE: role };
        for (const [name] of needed(key)) {
            const { code, stderr } = host.run(phase, "create", {
                ...identity,
                ...Object.fromEntries(needed(key)),
                [name]: undefined,
            });
            expect(code, name).toBe(1);
            expect(stderr).toContain(missing(name));
        }
        expect(host.exists("var/lib/pulumi-kubeadm")).toBe(false);
        expect(changes()).toEqual([]);
    });

    it.each(["NODE_ADDRESS", "ROLE"])("the identity: %s", (name) => {
        expect(host.run("prepare", "create", { ...workerDesired(), [name]: undefined }).stderr).toContain(
            missing(name),
        );
    });

    it.each([
        ["ETCD_PEERS", controlPlaneDesired()],
        ["HAPROXY_CONFIG", controlPlaneDesired()],
        ["CONTROL_PLANE_ADDRESSES", workerDesired({ loadBalancer: { placement: "nodeLocal" } })],
        ["NGINX_BACKENDS", workerDesired({ loadBalancer: { placement: "nodeLocal", type: "nginx" } })],
    ])("of its etcd member, or of a part of its load balancer: %s", (name, parameters: ScriptParameters) => {
        expect(parameters[name]).toBeDefined();
        expect(host.run("prepare", "create", { ...parameters, [name]: undefined }).stderr).toContain(missing(name));
        expect(host.exists("var/lib/pulumi-kubeadm/desired.env")).toBe(false);
    });

    it("where the staged state lacks it: a member that is not told of is not removed", () => {
        host.fillsIn = true;
        host.ok("prepare", "create", controlPlaneDesired());
        const state = "var/lib/pulumi-kubeadm/desired.env";
        host.write(state, host.read(state).replace(/ETCD_PEERS=\([^)]*\)\n/, ""));
        host.calls();
        const { code, stderr } = host.run("node", "create", { ...releaseOf(controlPlaneDesired()), ...BOOTSTRAP });
        expect(code).toBe(1);
        expect(stderr).toContain(missing("ETCD_PEERS"));
        expect(changes()).toEqual([]);
    });
});

describe("a variable of the host's environment", () => {
    it("is not taken for a parameter that is missing", () => {
        vi.stubEnv("KUBELET_PATCH", "of the environment");
        const { stderr } = host.run("prepare", "create", { ...workerDesired(), KUBELET_PATCH: undefined });
        expect(stderr).toContain(missing("KUBELET_PATCH"));
    });

    it("does not replace a default", () => {
        vi.stubEnv("HOST_PACKAGES", "false");
        vi.stubEnv("BINARIES", "kubelet amd64=1");
        host.ok("prepare", "create", workerDesired());
        expect(host.calls().join("\n")).toMatch(/apt-get .*install .*kubeadm/);
    });
});
