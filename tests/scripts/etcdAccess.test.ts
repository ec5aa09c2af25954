import { readFileSync } from "fs";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { EtcdTopology } from "../../components/model/etcd";
import { node } from "../unit/fixtures";
import { controlPlaneDesired, ROLLOUT, SERVICE_ACCOUNT_KEY } from "./desired";
import { Sandbox } from "./sandbox";

/** A control plane node whose etcd is on other hosts. */
const desired = controlPlaneDesired({ etcd: { topology: EtcdTopology.External, hosts: [node("etcd1", 31)] } });
/** Real certificates: their end is looked at. */
const pem = (name: string): string => readFileSync(path.join(__dirname, "../unit/pki", name), "utf8").trimEnd();
const etcd = {
    PKI_ETCD_CA_CERT: "ETCD CA",
    PKI_ETCD_CLIENT_CERT: pem("leaf.crt"),
    PKI_ETCD_CLIENT_KEY: "CLIENT SECRET-KEY",
};
const bootstrap: ScriptParameters = {
    ...ROLLOUT,
    ...{ PKI_CA_CERT: "CA", PKI_CA_KEY: "CA SECRET-KEY", PKI_SA_KEY: SERVICE_ACCOUNT_KEY },
    ...{ PKI_FRONT_PROXY_CA_CERT: "CA", PKI_FRONT_PROXY_CA_KEY: "CA SECRET-KEY" },
    ...etcd,
};

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.write("fake/etcd/192.0.2.31/list", JSON.stringify({ members: [] }));
});
afterEach(() => host.remove());

describe("a control plane node whose etcd is elsewhere", () => {
    it("has its client certificate where kubeadm looks for it, no member, and prints no key", () => {
        host.ok("prepare", "create", desired);
        const printed = host.ok("node", "create", bootstrap);
        expect(printed).not.toContain("SECRET-KEY");
        expect(host.read("etc/kubernetes/pki/apiserver-etcd-client.crt")).toBe(`${pem("leaf.crt")}\n`);
        expect(host.read("etc/kubernetes/pki/apiserver-etcd-client.key")).toBe("CLIENT SECRET-KEY\n");
        expect(host.exists("etc/kubernetes/pki/etcd/ca.key")).toBe(false);
        expect(host.exists("etc/etcd")).toBe(false);
        expect(host.read("var/lib/pulumi-kubeadm/etcd-layout")).toBe("external, elsewhere\n");
    });

    it("gets a renewed certificate without a drain, and another CA by a restart of kube-apiserver", () => {
        host.ok("prepare", "create", desired);
        host.ok("node", "create", bootstrap);
        host.ok("node", "create", { ...ROLLOUT, ...etcd });
        host.calls();
        const running = (seconds: number) =>
            host.write(
                "fake/containers.json",
                JSON.stringify({
                    containers: [{ id: "c1", createdAt: `${Math.floor(Date.now() / 1000) + seconds}000000000` }],
                }),
            );
        running(+60);
        host.ok("node", "update", { ...ROLLOUT, ...etcd, PKI_ETCD_CLIENT_CERT: pem("ca.crt") });
        expect(host.read("etc/kubernetes/pki/apiserver-etcd-client.crt")).toBe(`${pem("ca.crt")}\n`);
        expect(host.calls().filter((call) => /cordon|crictl stop/.test(call))).toEqual([]);
        running(-60);
        host.ok("node", "update", { ...ROLLOUT, ...etcd, PKI_ETCD_CA_CERT: "ANOTHER CA" });
        expect(host.calls().filter((call) => /crictl stop/.test(call))).toEqual(["crictl stop --timeout 10 c1"]);
    });
});
