import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterArgs, dedicatedArgs, node } from "../unit/fixtures";
import { controlPlaneDesired, releaseOf, ROLLOUT, votingMember } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";
import { ScriptParameters } from "../../components/host/contract";
import { balancerParameters } from "../../components/load-balancer/parts";
import { resolveSettings } from "../../components/model/cluster";
import { LoadBalancerPlacement as Placement, LoadBalancerType as Type } from "../../components/model/loadBalancerType";

const VIP = "192.0.2.100";
const UNIT = "etc/systemd/system/pulumi-kubeadm-real-server.service";
const lvs = { type: Type.Lvs, placement: Placement.Dedicated, hosts: [node("lb1", 11)], virtualAddress: VIP };

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

const apply = (desired: ScriptParameters, action = "update"): string[] => {
    host.calls();
    host.ok("prepare", action, desired);
    host.ok("node", action, desired.ROLE === "control-plane" ? { ...ROLLOUT, NODE_NAME: "cp1" } : {});
    return host.calls();
};

describe("the host of a kube-apiserver behind LVS", () => {
    const desired = controlPlaneDesired({ loadBalancer: lvs });
    const ofUnit = (calls: string[]) =>
        calls.filter((call) => /^systemctl .*real-server$/.test(call) && !call.includes("is-enabled"));
    const holds = (address: string) => host.write("fake/loopback", `${address}\n`);
    /** The commands of the unit's lines `KEY=`. */
    const commands = (key: string) =>
        [...host.read(UNIT).matchAll(new RegExp(`^${key}=-?(.*)$`, "gm"))].map(([, command]) => command);

    beforeEach(() => {
        host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members: [votingMember(1)] }));
        host.ok("prepare", "create", desired);
        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        host.write("var/lib/pulumi-kubeadm/applied", `${String(desired.ROLLOUT_DIGEST)}\n`);
        host.write("fake/bound", "");
    });

    it("holds the address before its kubelet starts, at each boot, and is left alone in the next run", () => {
        expect(ofUnit(host.calls())).toEqual([
            "systemctl enable --quiet pulumi-kubeadm-real-server",
            "systemctl restart pulumi-kubeadm-real-server",
        ]);
        expect(host.read(UNIT)).toMatch(/Before=kubelet.service\n[^]*RemainAfterExit=yes\n[^]*WantedBy=multi-user/);
        holds(VIP);
        expect(ofUnit(apply(desired))).toEqual([]);
    });

    it("takes the address again that somebody removed", () => {
        expect(ofUnit(apply(desired))).toEqual(["systemctl restart pulumi-kubeadm-real-server"]);
    });

    it("gives a former address up before it takes another", () => {
        holds(VIP);
        const calls = ofUnit(apply({ ...desired, VIRTUAL_ADDRESS: "192.0.2.101" }));
        expect(calls).toEqual([
            "systemctl stop pulumi-kubeadm-real-server",
            "systemctl restart pulumi-kubeadm-real-server",
        ]);
        expect(host.read(UNIT)).toContain("address replace 192.0.2.101/32 dev lo");
    });

    it("gives the address up for another type, and in a release", () => {
        holds(VIP);
        expect(ofUnit(apply({ ...desired, LOAD_BALANCER: [], VIRTUAL_ADDRESS: "" }))).toEqual([
            "systemctl disable --now --quiet pulumi-kubeadm-real-server",
        ]);
        expect(host.exists(UNIT)).toBe(false);
        apply(desired);
        host.ok("release", "delete", releaseOf(desired));
        expect(host.exists(UNIT)).toBe(false);
        expect(host.calls()).toContain("ip address delete 192.0.2.100/32 dev lo");
    });

    it.each([VIP, "2001:db8::100"])(
        "holds %s by the kernel's own word, silent in ARP, and only while it should",
        (address) => {
            apply({ ...desired, VIRTUAL_ADDRESS: address });
            const start = commands("ExecStart").join(" && ");
            const stop = commands("ExecStop").join(" && ");
            const look = "cat /proc/sys/net/ipv4/conf/all/arp_{ignore,announce}; /sbin/ip -o address show dev lo";
            const script = `/sbin/ip link set lo up; ${start} && ${start} && { ${look}; ${stop} && echo stopped; ${look}; }`;
            host.exec(["unshare", "--net", "/bin/bash", "-c", `{ ${script}; } >/seen 2>&1`]);
            const [before, after] = host.read("seen").split("stopped\n");
            expect(before).toMatch(/^1\n2\n/);
            expect(before.split(`${address}/`)).toHaveLength(2);
            expect(before).toMatch(address.includes(":") ? "/128 scope global" : "/32 scope global");
            expect(after).toContain("127.0.0.1");
            expect(after).not.toContain(address);
        },
    );
});

describe("a host that balances by LVS", () => {
    const identity = { CLUSTER_ID: "this-cluster", NODE_NAME: "lb1", NODE_ADDRESS: "192.0.2.11", CLAIM: "first" };
    const desired = (controlPlaneNodes = clusterArgs().controlPlaneNodes): ScriptParameters => {
        const { loadBalancer } = resolveSettings(clusterArgs({ loadBalancer: lvs, controlPlaneNodes }));
        return { ...balancerParameters(loadBalancer, loadBalancer.hosts[0]), ...identity, ROLE: "load-balancer" };
    };

    it("loads the kernel's modules now and at each boot, before keepalived starts", () => {
        const calls = apply(desired(), "create");
        const order = [/^modprobe -a ip_vs ip_vs_wlc$/, /^sysctl .*lvs\.conf$/, /^systemctl restart keepalived$/];
        const places = order.map((call) => calls.findIndex((made) => call.test(made)));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places).not.toContain(-1);
        expect(calls.join("\n")).not.toMatch(/install .*(haproxy|ipvsadm)/);
        expect(host.read("etc/modules-load.d/pulumi-kubeadm-lvs.conf")).toBe("ip_vs\nip_vs_wlc\n");
        expect(host.read("etc/keepalived/keepalived.conf")).toContain("real_server 192.0.2.13 6443 {");
    });

    it("only reloads keepalived for another list of kube-apiservers", () => {
        apply(desired(), "create");
        const calls = apply(desired(clusterArgs().controlPlaneNodes.slice(0, 2)));
        expect(calls.filter((call) => /keepalived$/.test(call) && !call.includes("is-"))).toEqual([
            "systemctl reload-or-restart keepalived",
        ]);
        expect(host.read("etc/keepalived/keepalived.conf")).not.toContain("192.0.2.13");
    });

    it("has none of it after a release", () => {
        apply(desired(), "create");
        host.ok("release", "delete", releaseOf(desired()));
        for (const file of ["modules-load.d/pulumi-kubeadm-lvs.conf", "sysctl.d/90-pulumi-kubeadm-lvs.conf"]) {
            expect(host.exists(`etc/${file}`)).toBe(false);
        }
    });
});

describe("preflight", () => {
    const ofBalancer = { ...PREFLIGHT, FIREWALL: "auto", LVS_BACKENDS: ["192.0.2.12", "192.0.2.13"] };
    const refusal = () => host.run("preflight", "create", ofBalancer).stderr;

    it("accepts a host that has all that LVS needs", () => {
        expect(host.run("preflight", "create", ofBalancer).code).toBe(0);
    });

    it("refuses a kernel without ip_vs, and asks only where LVS balances", () => {
        host.write("fake/modprobe-fails", "");
        expect(refusal()).toContain(
            "loadBalancer.type: got 'lvs', but this kernel has no module 'ip_vs'; expected haproxy or nginx",
        );
        expect(host.run("preflight", "create", PREFLIGHT).code).toBe(0);
        expect(host.calls().filter((call) => /^(systemctl (en|re|st)|sysctl|apt)/.test(call))).toEqual([]);
    });

    it("refuses a router on the way to a kube-apiserver", () => {
        host.write("fake/router", "192.0.2.1");
        expect(refusal()).toContain("the router 192.0.2.1 lies between this host and kube-apiserver at 192.0.2.13");
    });

    it("refuses an active firewall", () => {
        host.write("etc/default/ufw", "IPV6=yes\n");
        host.write("fake/active-ufw", "");
        expect(refusal()).toContain(
            "firewall: got an active ufw, expected none on this host, because LVS sees one half",
        );
    });

    it("refuses a change of a live endpoint to LVS, and from it", () => {
        const haproxy = { ...lvs, type: Type.Haproxy };
        for (const [former, next] of [
            [haproxy, "lvs"],
            [lvs, "dedicated"],
        ] as const) {
            const desired = controlPlaneDesired({ ...dedicatedArgs(), loadBalancer: former });
            host.ok("prepare", "create", desired);
            host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
            const endpoint = { ENDPOINT: `${VIP}:6443`, ENDPOINT_PLACEMENT: next };
            expect(host.run("preflight", "update", { ...PREFLIGHT, ...endpoint }).stderr).toContain(
                `loadBalancer: got ${VIP}:6443 (${next}), expected ${VIP}:6443 (${next === "lvs" ? "dedicated" : "lvs"})`,
            );
        }
    });
});
