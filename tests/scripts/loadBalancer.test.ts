import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterArgs } from "../unit/fixtures";
import { controlPlaneDesired, releaseOf, ROLLOUT, workerDesired, secretsOf } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";
import { ScriptParameters } from "../../components/host/contract";
import { KnownClusterArgs } from "../../components/model/cluster";
import { KnownLoadBalancerArgs } from "../../components/model/loadBalancer";
import { LoadBalancerPlacement as Placement, LoadBalancerType as Type } from "../../components/model/loadBalancerType";

const VIP = "192.0.2.100";

const controlPlane = (loadBalancer: KnownLoadBalancerArgs): ScriptParameters => controlPlaneDesired({ loadBalancer });
const worker = (loadBalancer: KnownLoadBalancerArgs, changes: Partial<KnownClusterArgs> = {}): ScriptParameters => ({
    ...workerDesired({ loadBalancer, ...changes }),
    WAIT_FOR_READY: false,
});

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.write("fake/etcd/192.0.2.11/list", "{}");
});
afterEach(() => host.remove());

/** A live node: what was prepared, and the mark of a bootstrap. */
function live(desired: ScriptParameters): void {
    host.ok("prepare", "create", desired);
    host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
    host.write("var/lib/pulumi-kubeadm/applied", `${String(desired.ROLLOUT_DIGEST)}\n`);
    host.write("fake/bound", "");
    host.calls();
}

function change(desired: ScriptParameters): string[] {
    host.ok("prepare", "update", desired);
    host.ok("node", "update", { ...ROLLOUT, NODE_NAME: desired.NODE_NAME });
    return host.calls();
}

describe("another type on a live node, with the same address and port", () => {
    it("haproxy to nginx and back: the old one stops before the new one starts, keepalived stays", () => {
        live(controlPlane({ virtualAddress: VIP }));
        const calls = change(controlPlane({ type: Type.Nginx, virtualAddress: VIP }));
        const stopped = calls.findIndex((call) => /systemctl disable --now .*haproxy/.test(call));
        const started = calls.findIndex((call) => /systemctl restart nginx$/.test(call));
        expect(calls.findIndex((call) => call.includes(" install ") && call.includes("nginx"))).toBeLessThan(stopped);
        expect(stopped).toBeGreaterThan(-1);
        expect(started).toBeGreaterThan(stopped);
        expect(calls.filter((call) => /systemctl .*(restart|disable|reload).* keepalived/.test(call))).toEqual([]);
        expect(host.exists("etc/haproxy/haproxy.cfg")).toBe(false);
        expect(host.read("etc/nginx/backends.conf")).toContain("server 192.0.2.12:6443 max_fails=1");

        change(controlPlane({ virtualAddress: VIP }));
        expect(host.exists("etc/nginx/backends.conf")).toBe(false);
        expect(host.exists("etc/systemd/system/pulumi-kubeadm-nginx-health.service")).toBe(false);
        expect(host.exists("etc/haproxy/haproxy.cfg")).toBe(true);
    });

    it.each([
        [Type.Haproxy, "haproxy"],
        [Type.Nginx, "nginx"],
    ])("%s that goes on with its former configuration is a fault until it has taken the new one", (type, unit) => {
        live(controlPlane({ type, virtualAddress: VIP }));
        host.write(`fake/pid-${unit}`, "4711\n");
        host.write("fake/workers", "4712\n");
        host.write(`fake/stuck-${unit}`, "");
        host.write(`fake/journal-${unit}`, "cannot bind socket (Address already in use)\n");
        const changed = controlPlane({ type, virtualAddress: VIP, proxy: { maxConnections: 3000 } });
        host.ok("prepare", "update", changed);
        const node = () => host.run("node", "update", { ...ROLLOUT, NODE_NAME: changed.NODE_NAME });
        const { code, stderr } = node();
        expect(code).toBe(1);
        expect(stderr).toMatch(/cannot bind socket/);
        expect(stderr).toContain(`${unit} did not take its new configuration and goes on with the former one`);
        host.calls();
        host.exec(["rm", `/fake/stuck-${unit}`]);
        expect(node().code).toBe(0);
        expect(host.calls()).toContain(`systemctl reload-or-restart ${unit}`);
    });

    it("keepalived to kube-vip: the one lets the address go before the other may take it", () => {
        live(controlPlane({ type: Type.Keepalived, virtualAddress: VIP }));
        const calls = change(controlPlane({ type: Type.KubeVip, virtualAddress: VIP }));
        expect(calls.some((call) => /systemctl disable --now .*keepalived/.test(call))).toBe(true);
        expect(host.read("etc/kubernetes/manifests/kube-vip.yaml")).toContain(`value: "eth0"`);
        expect(calls).toContain("systemctl restart pulumi-kubeadm-kube-vip-guard");
        change(controlPlane({ type: Type.Keepalived, virtualAddress: VIP }));
        expect(host.exists("etc/kubernetes/manifests/kube-vip.yaml")).toBe(false);
        expect(host.exists("etc/systemd/system/pulumi-kubeadm-kube-vip-guard.service")).toBe(false);
    });

    it("an administrator's own haproxy on a node that balances nothing is left alone", () => {
        host.write("etc/haproxy/haproxy.cfg", "theirs\n");
        live(worker({ virtualAddress: VIP }));
        change({ ...worker({ virtualAddress: VIP }), REGISTRY_MIRRORS: "docker.io http://192.0.2.2:5000" });
        expect(host.read("etc/haproxy/haproxy.cfg")).toBe("theirs\n");
    });
});

describe("passwords", () => {
    it("take their place in files that only root reads", () => {
        const loadBalancer = {
            virtualAddress: VIP,
            vrrp: { password: "hush" },
            proxy: { stats: { port: 9000, password: "-" } },
        };
        const password = `a'b&c\\d`;
        const desired = controlPlane(loadBalancer);
        const secrets = { SECRETS: "first", VRRP_PASSWORD: "hush", STATS_PASSWORD: password };
        host.ok("secrets", "create", secretsOf(desired, secrets));
        host.ok("prepare", "create", { ...desired, SECRETS: "first" });
        expect(host.read("etc/haproxy/haproxy.cfg")).toContain(`stats auth admin:'a'\\''b&c\\d'\n`);
        expect(host.read("etc/keepalived/keepalived.conf")).toContain("auth_pass hush\n");
        expect(host.mode("etc/haproxy/haproxy.cfg")).toBe("600");
        expect(host.mode("etc/keepalived/keepalived.conf")).toBe("600");
    });
});

describe("a balancer on every node", () => {
    const join = { NODE_NAME: "w1", PKI_CA_CERT: "CA CERTIFICATE", BOOTSTRAP_TOKEN: "SECRET-TOKEN" };

    it("a worker joins at the first apiserver that answers, and calls itself from then on", () => {
        host.ok("prepare", "create", worker({ placement: Placement.NodeLocal }));
        host.write("fake/down", "192.0.2.11\n");
        expect(host.ok("node", "create", join)).toContain("joining 192.0.2.12:6443");
        expect(host.read("fake/joined")).toBe("https://192.0.2.12:6443\n");
        expect(host.read("etc/kubernetes/kubelet.conf")).toBe("    server: https://127.0.0.1:8443\n");
        expect(host.read("etc/kubernetes/manifests/load-balancer.yaml")).toContain("hostNetwork: true");
    });

    it.each([Type.Haproxy, Type.Nginx])("%s reads a changed list without the kubelet", (type) => {
        const loadBalancer = { type, placement: Placement.NodeLocal };
        host.ok("prepare", "create", worker(loadBalancer));
        host.ok("node", "create", join);
        host.calls();
        const fewer = clusterArgs().controlPlaneNodes.slice(0, 2);
        const calls = change(worker(loadBalancer, { controlPlaneNodes: fewer }));
        expect(calls.filter((call) => /^systemctl (?!show ).*kubelet/.test(call))).toEqual([]);
        expect(
            calls.some((call) => /crictl ps .*load-balancer|systemctl reload-or-restart .*nginx-health/.test(call)),
        ).toBe(true);
    });
});

describe("nginx's health service", () => {
    const list = (...lines: string[]) => lines.map((line) => `server ${line};\n`).join("");
    const up = "max_fails=1 fail_timeout=1s";
    const settings = [
        "FILE=/fake/backends.conf",
        "KIND=service",
        "BACKENDS=192.0.2.11:6443 192.0.2.12:6443",
        "INTERVAL=0.1",
        "TIMEOUT=1",
        "RISE=2",
        "FALL=2",
    ];
    const look = (seconds: number) =>
        host.exec(["timeout", String(seconds), "/bin/bash", "/toolkit/services/nginx-health.sh", "/fake/health.conf"]);
    beforeEach(() => host.write("fake/health.conf", settings.join("\n") + "\n"));

    it("takes out who does not answer, tells nginx, closes its connections, and takes it back", () => {
        host.write("fake/backends.conf", list(`192.0.2.11:6443 ${up}`, `192.0.2.12:6443 ${up}`));
        host.write("fake/down", "192.0.2.12\n");
        look(5);
        expect(host.read("fake/backends.conf")).toBe(list(`192.0.2.11:6443 ${up}`, "192.0.2.12:6443 down"));
        const calls = host.calls();
        expect(calls.filter((call) => call === "systemctl reload nginx").length).toBe(1);
        expect(calls).toContain("ss --kill --no-header state established dst 192.0.2.12:6443");

        host.write("fake/down", "");
        look(5);
        expect(host.read("fake/backends.conf")).toBe(list(`192.0.2.11:6443 ${up}`, `192.0.2.12:6443 ${up}`));
    });

    it("tells nginx again until nginx has the list", () => {
        host.write("fake/backends.conf", list(`192.0.2.11:6443 ${up}`, `192.0.2.12:6443 ${up}`));
        host.write("fake/down", "192.0.2.12\n");
        host.write("fake/unreloadable-nginx", "");
        look(5);
        const calls = host.calls();
        for (const repeated of [
            "systemctl reload nginx",
            "ss --kill --no-header state established dst 192.0.2.12:6443",
        ]) {
            expect(calls.filter((call) => call === repeated).length, repeated).toBeGreaterThan(1);
        }
    });

    it("keeps its list where no other can be written", () => {
        const both = list(`192.0.2.11:6443 ${up}`, `192.0.2.12:6443 ${up}`);
        host.write("fake/backends.conf", both);
        host.write("fake/down", "192.0.2.12\n");
        host.exec(["mkdir", "/fake/backends.conf.new"]);
        look(2);
        expect(host.read("fake/backends.conf")).toBe(both);
        expect(host.calls()).not.toContain("systemctl reload nginx");
    });

    it("with nobody well lists all, and reloads nothing when nothing changes", () => {
        host.write("fake/down", "192.0.2.11\n192.0.2.12\n");
        look(1);
        expect(host.read("fake/backends.conf")).toBe(list(`192.0.2.11:6443 ${up}`, `192.0.2.12:6443 ${up}`));
        host.calls();
        look(1);
        expect(host.calls()).toEqual([]);
    });
});

describe("kube-vip's guard", () => {
    const asked = (calls: string[]) =>
        calls.flatMap((call) => call.match(/^kubectl .*--server (\S+) .*patch lease/)?.[1] ?? []);
    const look = (holds: string) => {
        host.write("fake/holds", holds);
        host.exec(["timeout", "6", "/bin/bash", "/toolkit/services/kube-vip-guard.sh", "/fake/guard.conf"]);
        return host.calls();
    };
    beforeEach(() => {
        host.write("fake/guard.conf", `NODE_NAME=cp1\nVIRTUAL_ADDRESS=${VIP}\nPEERS=192.0.2.12 192.0.2.13\n`);
        host.write("fake/down", "127.0.0.1\n");
    });

    it("gives the lease up through another apiserver, then the address", () => {
        host.write("fake/bound", "");
        const calls = look(VIP);
        expect(new Set(asked(calls))).toEqual(new Set(["https://192.0.2.12:6443"]));
        expect(calls.findIndex((call) => call.startsWith("pkill -TERM"))).toBeGreaterThan(0);
    });

    it("keeps the address while nobody else answers", () => {
        const calls = look(VIP);
        expect(new Set(asked(calls))).toEqual(new Set(["https://192.0.2.12:6443", "https://192.0.2.13:6443"]));
        expect(calls.filter((call) => call.startsWith("pkill"))).toEqual([]);
    });

    it("does nothing on a node without the address, or whose apiserver is well", () => {
        host.write("fake/bound", "");
        expect(asked(look("192.0.2.99"))).toEqual([]);
        host.write("fake/down", "");
        expect(asked(look(VIP))).toEqual([]);
    });
});

describe("preflight", () => {
    const check = (endpoint: string, placement: string) =>
        host.run("preflight", "create", { ...PREFLIGHT, ENDPOINT: endpoint, ENDPOINT_PLACEMENT: placement });

    it("refuses to move a live cluster's endpoint, and says where it is", () => {
        live(controlPlane({ virtualAddress: VIP }));
        expect(check("192.0.2.100:8443", "controlPlane").code).toBe(0);
        const { code, stderr } = check("192.0.2.100:6443", "dedicated");
        expect(code).toBe(1);
        expect(stderr).toContain(
            "loadBalancer: got 192.0.2.100:6443 (dedicated), expected 192.0.2.100:8443 (controlPlane)",
        );
    });

    it("takes an external balancer's refusal for an answer", () => {
        expect(check("127.0.0.1:1", "external").code).toBe(0);
    });

    it.each(["external", "dedicated", "controlPlane"])("tells of a name that a node does not know: %s", (placement) => {
        const fault = "controlPlaneEndpoint: nowhere.invalid does not resolve on this host";
        const { stderr } = check("nowhere.invalid:6443", placement);
        expect(stderr.split(fault)).toHaveLength(2);
        expect(stderr).toMatch(/error: 1 fault/);
    });
});

describe("release", () => {
    it("takes the balancer away, and leaves an administrator's own", () => {
        host.write("etc/keepalived/keepalived.conf", "theirs\n");
        live(worker({ type: Type.Nginx, placement: Placement.NodeLocal }));
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(host.exists("etc/systemd/system/pulumi-kubeadm-nginx-health.service")).toBe(false);
        expect(host.read("etc/keepalived/keepalived.conf")).toBe("theirs\n");
    });
});
