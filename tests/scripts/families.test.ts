import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

describe("preflight of a node with two families", () => {
    it("tells the address and the default routes that it has not", () => {
        const { code, stderr } = host.run("preflight", "create", {
            ...PREFLIGHT,
            SECONDARY_ADDRESS: "2001:db8::11",
            DEFAULT_ROUTES: "-4 -6",
        });
        expect(code).toBe(1);
        expect(stderr).toContain("secondaryAddress: no interface carries 2001:db8::11");
        expect(stderr).toContain("this host has none of IPv6");
    });
});

describe("reset", () => {
    it("takes the routes of flannel and of Calico, of both families", () => {
        host.write("var/lib/pulumi-kubeadm/member", "this-cluster\n");
        host.write("run/flannel/subnet.env", "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_IPV6_NETWORK=fd00:10:244::/56\n");
        host.write("run/calico/cgroup", "");
        host.ok("reset", "delete", { NODE_NAME: "cp1", CLUSTER_ID: "this-cluster" });
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
});
