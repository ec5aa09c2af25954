import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { firewallParameters } from "../../components/host/firewall";
import { balancerParameters } from "../../components/load-balancer/parts";
import { resolveSettings } from "../../components/model/cluster";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";
import { resolveFirewall } from "../../components/model/firewall";
import { dedicatedArgs, node, resolvedNode } from "../unit/fixtures";
import { releaseOf, secretsOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

/** A change of a live host that failed in the middle, and then was taken back or made again: the host is as the program says. */
const HOSTS_FILE = "etc/containerd/certs.d/registry.example.com/hosts.toml";
const CUT = "toolkit/lib/cluster/zz-cut.sh";
const worker = { ...workerDesired(), REGISTRIES: ["registry.example.com https://registry.example.com"] };
const join = { PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" };

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

/** Fails a step where it calls this function. */
function failsIn(name: string, step: () => { code: number | null; stderr: string }): void {
    host.write(CUT, `${name}() { die "cut in ${name}"; }\n`);
    const { code, stderr } = step();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`cut in ${name}`)]);
    host.exec(["rm", `/${CUT}`]);
}

describe("a worker's change that failed", () => {
    it("of a registry is undone when it is taken back", () => {
        host.ok("prepare", "create", worker);
        host.ok("node", "create", join);
        host.ok("prepare", "update", { ...worker, REGISTRIES: ["registry.example.com http://mirror:5000"] });
        failsIn("rollout_worker", () => host.run("node", "update", join));
        expect(host.read(HOSTS_FILE)).toContain("mirror:5000");
        host.ok("prepare", "update", worker);
        host.ok("node", "update", join);
        expect(host.read(HOSTS_FILE)).not.toContain("mirror:5000");
    });

    it("of a password is undone when it is taken back", () => {
        const stage = (SECRETS: string) => {
            const REGISTRY_LOGINS = [`registry.example.com ${SECRETS}`];
            host.ok("secrets", "update", secretsOf(worker, { SECRETS, REGISTRY_LOGINS }));
            host.ok("prepare", "update", { ...worker, SECRETS });
        };
        stage("ONE");
        host.ok("node", "create", { ...join, SECRETS: "ONE" });
        stage("TWO");
        failsIn("rollout_worker", () => host.run("node", "update", { ...join, SECRETS: "TWO" }));
        stage("ONE");
        host.ok("node", "update", { ...join, SECRETS: "ONE" });
        expect(host.read(HOSTS_FILE)).toContain("Basic ONE");
    });

    it("of containerd's configuration restarts it in the next run", () => {
        host.ok("prepare", "create", worker);
        host.ok("node", "create", join);
        const changed = { ...worker, SYSTEMD_CGROUP: false, ROLLOUT_DIGEST: "other" };
        host.ok("prepare", "update", changed);
        const restart = "systemctl restart containerd";
        host.write(CUT, `systemctl() { [[ $* != "restart containerd" ]] || die cut; command systemctl "$@"; }\n`);
        expect(host.run("node", "update", join).stderr).toContain("cut");
        host.exec(["rm", `/${CUT}`]);
        host.calls();
        host.ok("node", "update", join);
        expect(host.calls()).toContain(restart);
        host.ok("node", "update", join);
        expect(host.calls()).not.toContain(restart);
    });
});

describe("a worker with a balancer of its own", () => {
    const own = workerDesired({ loadBalancer: { placement: LoadBalancerPlacement.NodeLocal } });

    it.each([
        ["containerd", "fake/no-containerd"],
        ["the kubelet, and with it the balancer", "fake/no-endpoint"],
    ])("is repaired where a change has stopped %s, and is taken back", (_, broken) => {
        host.ok("prepare", "create", own);
        host.ok("node", "create", join);
        host.hurry();
        host.ok("prepare", "update", { ...own, ROLLOUT_DIGEST: "other" });
        failsIn("upgrade_packages", () => host.run("node", "update", join));
        host.write(broken, "");
        host.write(
            CUT,
            `pull_images() { [[ ! -e /fake/no-containerd ]] || die "containerd is down"; }
            configure_containerd() { rm -f /fake/no-containerd; }
            systemctl() { [[ $* != *"is-active containerd" ]] || [[ ! -e /fake/no-containerd ]]; }
            endpoint_is_ready() { [[ ! -e /fake/no-endpoint ]]; }
            restart_kubelet() { rm -f /fake/no-endpoint; }
            rollout_worker() { restart_kubelet; }\n`,
        );
        host.ok("prepare", "update", own);
        host.ok("node", "update", join);
        expect(host.exists(broken)).toBe(false);
    });
});

describe("the scripts", () => {
    it("are applied when they alone have changed", () => {
        host.ok("prepare", "create", worker);
        host.ok("node", "create", join);
        const file = "toolkit/lib/host/containerd.sh";
        host.write(file, host.read(file).replace('["pull", "resolve"]', '["pull"]'));
        host.ok("prepare", "update", worker);
        host.ok("node", "update", join);
        expect(host.read(HOSTS_FILE)).toContain('["pull"]');
    });
});

it("a host where passwords alone were staged is released without a look at what runs there", () => {
    host.ok("secrets", "create", secretsOf(worker, { SECRETS: "one", REGISTRY_LOGINS: ["registry.example.com one"] }));
    host.write("var/lib/etcd/member/theirs", "");
    host.calls();
    expect(host.ok("release", "delete", releaseOf(worker))).toContain("nothing was installed here");
    expect(host.calls()).toEqual([]);
    expect([host.exists("var/lib/etcd/member/theirs"), host.exists("var/lib/pulumi-kubeadm")]).toEqual([true, false]);
});

describe("a balancer's host", () => {
    const { loadBalancer } = resolveSettings(dedicatedArgs());
    const identity = {
        CLUSTER_ID: "this-cluster",
        NODE_NAME: "lb1",
        NODE_ADDRESS: "192.0.2.11",
        ROLE: "load-balancer",
    };
    const balancer: ScriptParameters = {
        ...balancerParameters(loadBalancer, loadBalancer.hosts[0]),
        ...{ ...identity, CLAIM: "first" },
    };
    const changed = { ...balancer, HAPROXY_CONFIG: `${String(balancer.HAPROXY_CONFIG)}# changed\n` };

    beforeEach(() => {
        host.ok("prepare", "create", balancer);
        host.ok("node", "create", {});
    });

    it("reloads haproxy in the next run, where that failed before", () => {
        host.ok("prepare", "update", changed);
        failsIn("apply_unit", () => host.run("node", "update", {}));
        host.calls();
        host.ok("prepare", "update", changed);
        host.ok("node", "update", {});
        expect(host.calls()).toContain("systemctl reload-or-restart haproxy");
        host.ok("node", "update", {});
        expect(host.calls()).not.toContain("systemctl reload-or-restart haproxy");
    });

    it("serves again where its release was cut, and it is back in the program", () => {
        failsIn("pods_remove", () => host.run("release", "delete", releaseOf(balancer)));
        expect(host.exists("etc/haproxy/haproxy.cfg")).toBe(false);
        host.ok("prepare", "create", balancer);
        host.ok("node", "create", {});
        expect(host.exists("etc/haproxy/haproxy.cfg")).toBe(true);
    });

    it("closes the ports that its prepare has opened, where the change is taken back", () => {
        host.write("etc/default/ufw", "IPV6=yes\n");
        host.write("fake/active-ufw", "");
        const open = (...ports: number[]) => {
            const openings = ports.map((port) => ({ protocol: "tcp" as const, port, from: "any" as const }));
            const firewall = firewallParameters(resolveFirewall(), resolvedNode(node("lb1", 11)), openings);
            host.ok("prepare", "update", { ...balancer, ...firewall });
        };
        open(6443);
        host.ok("node", "update", {});
        open(6443, 30000);
        expect(host.read("fake/ufw")).toContain("30000");
        open(6443);
        host.ok("node", "update", {});
        expect(host.read("fake/ufw")).not.toContain("30000");
    });
});
