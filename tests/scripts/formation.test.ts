import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { Sandbox } from "./sandbox";

const HOST: ScriptParameters = {
    ...{ CLUSTER_ID: "this-cluster", NODE_NAME: "cp1", NODE_ADDRESS: "192.0.2.11", ROLE: "control-plane" },
    ...{ CLAIM: "first", HOST_KEY: "ssh-ed25519 AAAA", ETCD_DATA: "/var/lib/etcd" },
};

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

const answer = (): unknown => JSON.parse(host.run("formation", "create", HOST).stdout);

describe("the answer of a host to the formation", () => {
    it("is its identity, and that no etcd has run on a new host", () => {
        expect(answer()).toEqual({
            ...{ name: "cp1", address: "192.0.2.11", hostKey: "ssh-ed25519 AAAA", claim: "first" },
            ...{ machineId: "0123456789abcdef0123456789abcdef", etcdRan: false },
        });
        expect(host.exists("var/lib/pulumi-kubeadm")).toBe(false);
    });

    it.each([
        "var/lib/pulumi-kubeadm/etcd-ran",
        "var/lib/etcd/member/wal/0.wal",
        "var/lib/etcd/member.7.stale/wal/0.wal",
    ])("is that etcd has run where there is %s", (file) => {
        host.write(file, "");
        expect(answer()).toMatchObject({ etcdRan: true });
    });

    it("is an error on a host of another cluster", () => {
        host.write("var/lib/pulumi-kubeadm/joined", "another-cluster\n");
        const { code, stdout, stderr } = host.run("formation", "create", HOST);
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toContain("this host belongs to another cluster (another-cluster)");
    });
});
