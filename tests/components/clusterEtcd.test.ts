import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { preamble } from "../../components/host/contract";
import type { KnownClusterArgs } from "../../components/model/cluster";
import { EtcdPlacement, EtcdTopology, KnownEtcdArgs } from "../../components/model/etcd";
import { clusterArgs, node, pem } from "../unit/fixtures";
import { Recorded, recordResources, settled, unwrapSecret } from "./mocks";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(etcd: KnownEtcdArgs, changes: Partial<KnownClusterArgs> = {}): Promise<void> {
    new Cluster("c", clusterArgs({ etcd, ...changes }));
    await settled();
}

const stdin = (name: string): { secret: boolean; text: string } => {
    const found = recorded.find((resource) => resource.name === name);
    if (!found) throw new Error(`no resource ${name} among ${recorded.map((r) => r.name).join(", ")}`);
    const { secret, value } = unwrapSecret(found.inputs.stdin);
    return { secret, text: String(value) };
};
const own = (host: string) => recorded.filter((r) => new RegExp(`^c-(etcd-)?${host}(-|$)`).test(r.name));

const dedicated = {
    topology: EtcdTopology.External,
    hosts: [node("etcd1", 31), node("etcd2", 32), node("etcd3", 33)],
};
const colocated = { topology: EtcdTopology.External, placement: EtcdPlacement.ControlPlane };

describe("etcd on hosts of its own", () => {
    it("has its steps there, and control plane nodes know its endpoints", async () => {
        await build(dedicated);
        const names = recorded.filter((r) => r.type === "command:remote:Command").map((r) => r.name);
        expect(names.filter((name) => name.includes("etcd")).sort()).toEqual(
            [
                ...["etcd1", "etcd2", "etcd3"].flatMap((host) => [
                    `c-${host}-preflight`,
                    ...["prepare", "node"].map((step) => `c-etcd-${host}-${step}`),
                ]),
                "c-etcd-members",
            ].sort(),
        );
        const { text } = stdin("c-cp1-prepare");
        expect(text).toContain("ETCD_RUNTIME='none'");
        expect(text).toContain("      - https://192.0.2.31:2379\n      - https://192.0.2.32:2379");
        expect(stdin("c-cp1-preflight").text).toContain(
            preamble({ PORTS: ["6443", "10250", "10259", "10257", "8443"] }),
        );
        expect(stdin("c-etcd1-preflight").text).toContain(preamble({ PORTS: ["2379", "2380"] }));
        for (const host of ["etcd1", "cp1"]) expect(own(host).length, host).toBeLessThanOrEqual(6);
    });

    it("gives the CA's key to members alone, and apiservers a client certificate, as secrets", async () => {
        await build(dedicated);
        const member = stdin("c-etcd-etcd2-node");
        const apiserver = stdin("c-cp2-node");
        expect([member.secret, apiserver.secret]).toEqual([true, true]);
        expect(member.text).toContain("PKI_ETCD_CA_KEY='KEY(c-pki-etcd-ca-key)'");
        expect(apiserver.text).not.toContain("KEY(c-pki-etcd-ca-key)");
        expect(apiserver.text).toContain("PKI_ETCD_CLIENT_KEY='KEY(c-etcd-client-key)'");
        expect(stdin("c-etcd-etcd2-prepare").text).not.toContain("KEY(");
    });

    it("does not change control plane nodes when a member's option does", async () => {
        await build(dedicated);
        const before = stdin("c-cp1-prepare").text;
        recorded = recordResources();
        await build({ ...dedicated, heartbeatInterval: 150 });
        expect(stdin("c-cp1-prepare").text).toBe(before);
        expect(stdin("c-etcd-etcd1-prepare").text).toContain("heartbeat-interval: 150");
    });
});

describe("etcd on control plane nodes, a cluster of its own", () => {
    it("is carried by the nodes: no step, no connection and no resource more than a stacked one", async () => {
        await build(colocated);
        expect(own("cp1").length).toBeLessThanOrEqual(6);
        const { text } = stdin("c-cp1-prepare");
        expect(text).toContain("ETCD_RUNTIME='systemd'");
        expect(text).toContain(preamble({ ETCD_PEERS: ["cp2=192.0.2.12", "cp3=192.0.2.13"] }));
        expect(stdin("c-cp1-node").text).toContain("PKI_ETCD_CA_KEY=");
        expect(stdin("c-cp1-preflight").text).toContain("'2379'\n'2380'\n");
    });
});

describe("an etcd that exists", () => {
    it("is shown the certificate that was given, whose key is a secret", async () => {
        await build({
            topology: EtcdTopology.Existing,
            endpoints: ["https://etcd.example.com:2379"],
            caCertificate: pem("ca.crt"),
            clientCertificate: pulumi.output("THEIR CERTIFICATE"),
            clientKey: pulumi.output("THEIR KEY"),
        });
        const { secret, text } = stdin("c-cp1-node");
        expect(secret).toBe(true);
        for (const line of [
            `PKI_ETCD_CA_CERT='${pem("ca.crt").trimEnd()}'`,
            "PKI_ETCD_CLIENT_CERT='THEIR CERTIFICATE'",
            "PKI_ETCD_CLIENT_KEY='THEIR KEY'",
        ]) {
            expect(text).toContain(line);
        }
        expect(text).not.toContain("PKI_ETCD_CA_KEY");
        expect(stdin("c-cp1-prepare").text).not.toContain("THEIR KEY");
        expect(stdin("c-cp1-preflight").text).toContain(preamble({ MUST_REACH: ["https://etcd.example.com:2379"] }));
    });
});
