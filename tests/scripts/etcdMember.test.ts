import { execFileSync } from "child_process";
import { X509Certificate, createHash } from "crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { node, resolvedNode } from "../unit/fixtures";
import { releaseOf } from "./desired";
import { memberSecrets, THREE_MEMBERS } from "./memberSecrets";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";
import { memberParameters } from "../../components/etcd/memberParameters";
import { ScriptParameters } from "../../components/host/contract";
import { EtcdCertificateArgs, resolveEtcdCertificates } from "../../components/model/etcdCertificates";
import { EtcdRuntime } from "../../components/model/etcd";
import { EtcdOptionsArgs, resolveEtcdOptions } from "../../components/model/etcdOptions";

const folder = mkdtempSync(path.join(tmpdir(), "etcd-member-"));
const at = (name: string) => path.join(folder, name);
const openssl = (...words: string[]) => execFileSync("openssl", words, { encoding: "utf8", stdio: "pipe" });
let secrets: ScriptParameters;
let sum: string;

beforeAll(() => {
    secrets = memberSecrets();
    writeFileSync(at("ca.crt"), String(secrets.PKI_ETCD_CA_CERT));
    const pack = "mkdir -p release && touch release/{etcd,etcdctl,etcdutl} && tar czf archive.tar.gz release";
    execFileSync("bash", ["-c", pack], { cwd: folder });
    const archive = readFileSync(at("archive.tar.gz"));
    sum = createHash("sha256").update(archive).digest("hex");
});
afterAll(() => rmSync(folder, { recursive: true }));

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    execFileSync("cp", [at("archive.tar.gz"), path.join(host.root, "fake/archive.tar.gz")]);
    host.write("fake/etcd/192.0.2.11/list", THREE_MEMBERS);
    for (const last of [12, 13]) host.write(`fake/etcd/192.0.2.${last}/status`, "{}");
    host.write("fake/etcd/192.0.2.11/when", "/fake/active-etcd");
});
afterEach(() => host.remove());

const desired = (
    options: EtcdOptionsArgs & EtcdCertificateArgs = {},
    runtime: EtcdRuntime = EtcdRuntime.Systemd,
): ScriptParameters => ({
    ...memberParameters(
        {
            members: [node("e1", 11), node("e2", 12), node("e3", 13)].map(resolvedNode),
            runtime,
            source: { uri: "https://example.com/etcd-{arch}.tar.gz", sha256: { amd64: sum, arm64: sum } },
            image: "registry.k8s.io/etcd:3.6.8-0",
            options: resolveEtcdOptions(options),
            certificateNames: resolveEtcdCertificates(options),
        },
        resolvedNode(node("e1", 11)),
    ),
    ROLE: "etcd",
    NODE_NAME: "e1",
    NODE_ADDRESS: "192.0.2.11",
    CLUSTER_ID: "this-cluster",
    ROLLOUT_DIGEST: "same",
});

const restarts = () => host.calls().filter((call) => /systemctl.* restart /.test(call));
const certificate = (name: string) =>
    openssl("x509", "-in", path.join(host.root, `etc/etcd/pki/${name}.crt`), "-noout", "-text");

function build(options: EtcdOptionsArgs = {}): void {
    host.ok("prepare", "create", desired(options));
    host.ok("node", "create", secrets);
    host.calls();
}

describe("a member under systemd", () => {
    it("starts from the static cluster, with certificates made here and the CA's key on no disk", () => {
        build();
        expect(host.read("etc/etcd/etcd.yaml")).toContain(
            "initial-cluster: e1=https://192.0.2.11:2380,e2=https://192.0.2.12:2380,e3=https://192.0.2.13:2380\n" +
                'initial-cluster-state: new\ninitial-cluster-token: "this-cluster"\n',
        );
        for (const name of ["server", "peer"]) {
            expect(certificate(name)).toMatch(
                /DNS:e1, DNS:localhost, IP Address:192\.0\.2\.11, IP Address:127\.0\.0\.1/,
            );
        }
        expect(certificate("healthcheck-client")).not.toContain("TLS Web Server Authentication");
        openssl("verify", "-CAfile", at("ca.crt"), path.join(host.root, "etc/etcd/pki/peer.crt"));
        const look = (script: string) =>
            execFileSync("chroot", [host.root, "bash", "-c", script], { encoding: "utf8" }).trim();
        expect(look("stat -c '%a %U' /etc/etcd/pki/peer.key /var/lib/etcd")).toBe("600 etcd\n700 etcd");
        expect(
            look(
                `grep -rl "$(sed -n 2p <<<'${String(secrets.PKI_ETCD_CA_KEY)}')" /etc/etcd /var/lib/pulumi-kubeadm || true`,
            ),
        ).toBe("");
    });

    it("on a host that is one already, nothing is done again", () => {
        build();
        host.ok("prepare", "update", desired());
        host.ok("node", "update", secrets);
        host.ok("node", "update", secrets);
        expect(restarts()).toEqual([]);
    });

    it("is restarted by a change of its options, and finishes it after a cut", async () => {
        build();
        const before = certificate("peer");
        host.ok("prepare", "update", desired({ heartbeatInterval: 200 }));
        await host.runAndKillAt(/systemctl .*restart etcd/, "node", "update", secrets);
        host.ok("node", "update", secrets);
        expect(restarts().length).toBeGreaterThan(0);
        expect(host.read("etc/etcd/etcd.yaml")).toMatch(/heartbeat-interval: 200[^]*initial-cluster-state: new/);
        expect(certificate("peer")).toBe(before);
        host.ok("node", "update", secrets);
        expect(restarts()).toEqual([]);
    });
    it("is restarted with its former options, where a change was cut and is taken back", async () => {
        build();
        host.ok("prepare", "update", desired({ heartbeatInterval: 200 }));
        await host.runAndKillAt(/systemctl .*restart etcd/, "node", "update", secrets);
        host.ok("prepare", "update", desired());
        host.calls();
        host.ok("node", "update", secrets);
        expect(restarts().length).toBeGreaterThan(0);
        expect(host.read("etc/etcd/etcd.yaml")).not.toContain("heartbeat-interval: 200");
    });

    it("gives the leadership to another voting member before it is restarted", () => {
        build();
        const status = { header: { member_id: "1" }, leader: "1" };
        host.write("fake/etcd/192.0.2.11/status", JSON.stringify(status));
        host.write("fake/etcd/192.0.2.11/transfer-leadership", "{}");
        host.ok("prepare", "update", desired({ heartbeatInterval: 200 }));
        host.calls();
        host.ok("node", "update", secrets);
        expect(host.read("fake/asked")).toContain('transfer-leadership {"targetID":"2"}\n');
        const order = host.calls().filter((call) => /transfer-leadership$|systemctl .*restart etcd/.test(call));
        expect(order[0]).toContain("transfer-leadership");
        expect(order).toHaveLength(2);
    });

    it("gets new certificates when they are renewed, without a restart", () => {
        build();
        const before = certificate("server");
        host.ok("node", "update", { ...secrets, ETCD_CERTIFICATE_GENERATION: "second" });
        expect(certificate("server")).not.toBe(before);
        expect(restarts()).toEqual([]);
    });

    it.each([
        ["RSA-2048", "Public-Key: (2048 bit)"],
        ["ECDSA-P384", "NIST CURVE: P-384"],
    ])("gets %s keys, and certificates of the days that it was sent", (algorithm, form) => {
        host.ok("prepare", "create", desired());
        host.ok("node", "create", { ...secrets, ETCD_KEY_ALGORITHM: algorithm, ETCD_CERTIFICATE_DAYS: 1825 });
        for (const name of ["server", "peer", "healthcheck-client"]) {
            expect(certificate(name)).toContain(form);
            const file = path.join(host.root, `etc/etcd/pki/${name}.crt`);
            const { validFrom, validTo } = new X509Certificate(readFileSync(file));
            expect((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000).toBe(1825);
        }
    });

    it("gets new certificates when their names change, without a restart, and keeps them otherwise", () => {
        build();
        const names = { serverCertSANs: ["etcd.example.com", "198.51.100.7"], peerCertSANs: ["2001:db8::7"] };
        host.ok("prepare", "update", desired(names));
        host.calls();
        host.ok("node", "update", secrets);
        expect(restarts()).toEqual([]);
        expect(certificate("server")).toMatch(
            /DNS:e1, DNS:localhost, IP Address:192\.0\.2\.11[^]*DNS:etcd\.example\.com, IP Address:198\.51\.100\.7/,
        );
        expect(certificate("peer")).toContain("IP Address:2001:DB8:0:0:0:0:0:7");
        expect(certificate("peer")).not.toContain("etcd.example.com");
        const before = certificate("server");
        host.ok("node", "update", secrets);
        expect(certificate("server")).toBe(before);
        host.ok("prepare", "update", desired());
        host.ok("node", "update", secrets);
        expect(certificate("server")).not.toContain("etcd.example.com");
    });

    it("says when its certificates have expired, so that it takes no turn, and gets new ones", () => {
        build();
        const renewed = { ...secrets, ETCD_CERTIFICATE_GENERATION: "second" };
        expect(host.run("prepare", "update", desired()).stdout).toMatch(/^live /);
        const file = path.join(host.root, "etc/etcd/pki/server.crt");
        const key = file.replace(/crt$/, "key");
        openssl("x509", "-in", file, "-x509toreq", "-signkey", key, "-out", at("csr"));
        openssl("x509", "-req", "-in", at("csr"), "-signkey", key, "-days", "-1", "-out", file);
        expect(host.run("prepare", "update", desired()).stdout).toMatch(/^expired /);
        host.ok("node", "update", renewed);
        expect(openssl("x509", "-in", file, "-noout", "-checkend", "0")).toContain("will not expire");
        expect(restarts()).toEqual([]);
    });

    it("refuses an archive that is another one", () => {
        host.write("fake/archive.tar.gz", "another one");
        const { code, stderr } = host.run("prepare", "create", desired());
        expect(code).toBe(1);
        expect(stderr).toMatch(/got sha256 [0-9a-f]{64}, expected [0-9a-f]{64}; nothing was installed/);
        expect(host.exists("opt/etcd")).toBe(false);
    });

    it.each([/systemctl enable --quiet etcd/, /member\/list|v3\/cluster/])(
        "killed at %s, it finishes the job on the next run",
        async (call) => {
            host.ok("prepare", "create", desired());
            await host.runAndKillAt(call, "node", "create", secrets);
            host.ok("node", "create", secrets);
            expect(host.read("var/lib/pulumi-kubeadm/etcd-layout")).toBe(
                "external, here by systemd in /var/lib/etcd\n",
            );
        },
    );

    it("is released with its user, its program and its data", () => {
        build({ dataDir: "/srv/etcd" });
        host.write("srv/etcd/member/wal", "");
        host.write("srv/etcd/of-somebody-else", "");
        host.ok("release", "delete", releaseOf(desired()));
        for (const file of ["etc/etcd", "opt/etcd", "srv/etcd/member", "etc/systemd/system/etcd.service"]) {
            expect(host.exists(file), file).toBe(false);
        }
        expect(host.exists("srv/etcd/of-somebody-else")).toBe(true);
        expect(host.read("etc/passwd")).not.toMatch(/^etcd:/m);
    });
});

describe("preflight", () => {
    it("refuses another etcd on a live host", () => {
        build();
        const look = (layout: string) =>
            host.run("preflight", "update", { ...PREFLIGHT, ROLE: "etcd", NODE_NAME: "e1", ETCD_LAYOUT: layout });
        expect(look("external, here by systemd in /var/lib/etcd").code).toBe(0);
        expect(look("stacked in /var/lib/etcd").stderr).toContain(
            "etcd: got 'stacked in /var/lib/etcd', expected 'external, here by systemd in /var/lib/etcd' as on this live host",
        );
    });
});

describe("who is a member and not in the list", () => {
    const member = (id: string, name: string, last: number) => ({
        ID: id,
        name,
        peerURLs: [`https://192.0.2.${last}:2380`],
    });
    it("is removed, the silent one first", () => {
        build();
        const declared = [member("1", "e1", 11), member("2", "e2", 12), member("3", "e3", 13)];
        const members = [...declared, member("4", "e4", 14), member("5", "e5", 15)];
        host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members }));
        host.write("fake/etcd/192.0.2.11/remove", "{}");
        host.write("fake/silent", "https://192.0.2.15:2380");
        const said = host.ok("etcd-members", "update", { NODE_NAME: "e1" });
        expect(said).toMatch(
            /192\.0\.2\.15:2380 does not answer[^]*removing the member at https:\/\/192\.0\.2\.14:2380/,
        );
    });

    it("is found by the list that the step was sent, whatever a run that was killed has staged", () => {
        build();
        host.ok("prepare", "update", { ...desired(), ETCD_PEERS: ["e2=192.0.2.12"] });
        host.write("fake/etcd/192.0.2.11/remove", "{}");
        const said = host.ok("etcd-members", "update", { NODE_NAME: "e1", ETCD_PEERS: desired().ETCD_PEERS });
        expect(said).not.toContain("removing the member");
    });

    it("is missed where an interrupted removal has taken a member that is in the list again", () => {
        build();
        host.hurry();
        const members = [member("1", "e1", 11), member("3", "e3", 13)];
        host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members }));
        const { code, stderr } = host.run("etcd-members", "update", { NODE_NAME: "e1" });
        expect(code).toBe(1);
        expect(stderr).toContain("without an etcd member: e2\n");
        expect(stderr).toContain("end the removal");
    });
});
