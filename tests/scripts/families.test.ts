import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { workerConfig } from "../../components/cluster/kubeadm";
import { kubernetesParameters } from "../../components/cluster/desiredState";
import { ScriptParameters } from "../../components/host/contract";
import { resolveSettings } from "../../components/model/cluster";
import { clusterArgs, node, resolvedNode } from "../unit/fixtures";
import { controlPlaneDesired, releaseOf } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

describe("preflight of a node with two families", () => {
    it("tells the address that it has not, and the family in which it has no route to the Services", () => {
        const { code, stderr } = host.run("preflight", "create", {
            ...PREFLIGHT,
            SECONDARY_ADDRESS: "2001:db8::11",
            SERVICE_ADDRESSES: ["10.96.0.1", "fd00:10:96::1"],
        });
        expect(code).toBe(1);
        expect(stderr).toContain("secondaryAddress: no interface carries 2001:db8::11");
        expect(stderr).toContain("got no route to the Services (fd00:10:96::1)");
    });
});

describe("the kernel of a node that forwards IPv6", () => {
    const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\ntest\n-----END PGP PUBLIC KEY BLOCK-----";
    const repository = { uri: "http://192.0.2.2/packages", suite: "/", key };
    const network = { podSubnet: "10.244.0.0/16,fd00:10:244::/56", serviceSubnet: "10.96.0.0/16,fd00:10:96::/112" };
    const settings = resolveSettings(
        clusterArgs({ network, sources: { kubernetes: repository, containerd: repository } }),
    );
    const worker = { ...node("w1", 11), secondaryAddress: "2001:db8::11" };
    const desired: ScriptParameters = {
        ...kubernetesParameters(settings, resolvedNode(worker), workerConfig),
        ...{ ROLE: "worker", NODE_NAME: "w1", NODE_ADDRESS: "192.0.2.11" },
        ...{ CLUSTER_ID: "this-cluster", LOAD_BALANCER: [] },
    };

    it("goes on learning the default route that it has from a router", () => {
        host.write("fake/ra-routes", "default via fe80::1 dev eth0.100 metric 1024 expires 1700sec pref medium\n");
        host.ok("prepare", "create", desired);
        const settled = host.read("etc/sysctl.d/99-z-pulumi-kubeadm.conf");
        expect(settled).toMatch(/all\.forwarding = 1\nnet\/ipv6\/conf\/eth0\.100\/accept_ra = 2\n$/);
    });
});

describe("release", () => {
    it("takes the routes of flannel and of Calico, of both families", () => {
        host.ok("prepare", "create", controlPlaneDesired());
        host.write("run/flannel/subnet.env", "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_IPV6_NETWORK=fd00:10:244::/56\n");
        host.write("run/calico/cgroup", "");
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        const flushed = host.calls().filter((call) => call.includes(" route flush "));
        expect(flushed).toEqual([
            "ip -4 route flush proto 80",
            "ip -4 route flush proto bird",
            "ip -4 route flush root 10.244.0.0/16",
            "ip -6 route flush proto 80",
            "ip -6 route flush proto bird",
            "ip -6 route flush root fd00:10:244::/56",
        ]);
    });

    it("takes the address of Calico's IP-in-IP tunnel, and leaves the kernel's module", () => {
        const ofTunnel = () => host.calls().filter((call) => /tunl0|modprobe .*(-r|--remove)/.test(call));
        host.ok("prepare", "create", controlPlaneDesired());
        host.write("run/calico/cgroup", "");
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        expect(ofTunnel()).toEqual(["ip link show tunl0", "ip address flush dev tunl0", "ip link set tunl0 down"]);
    });
});
