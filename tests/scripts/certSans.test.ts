import { execFileSync } from "child_process";
import { X509Certificate } from "crypto";
import { rmSync, writeFileSync } from "fs";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KnownClusterArgs } from "../../components/model/cluster";
import { BOOTSTRAP, controlPlaneDesired, ROLLOUT, sandboxWithMember } from "./desired";
import type { Sandbox } from "./sandbox";

const NAMED = ["one.example.com", "two.example.com"];
const MEMBER = { serverCertSANs: ["etcd.example.com"], peerCertSANs: ["198.51.100.7"] };
const FILES = { apiserver: "apiserver", server: "etcd/server", peer: "etcd/peer" };
type Name = keyof typeof FILES;

let host: Sandbox;
const pki = (name: Name, end: "crt" | "key") => host.read(`etc/kubernetes/pki/${FILES[name]}.${end}`);
const certificate = (name: Name) => new X509Certificate(pki(name, "crt"));

function bootstrap(changes: Partial<KnownClusterArgs>): void {
    host.ok("prepare", "create", controlPlaneDesired(changes));
    host.ok("node", "create", BOOTSTRAP);
}

/** The certificates that a change makes anew. */
function renewedBy(changes: Partial<KnownClusterArgs>): Name[] {
    const names = Object.keys(FILES) as Name[];
    const before = names.map((name) => pki(name, "crt"));
    host.ok("prepare", "update", controlPlaneDesired(changes));
    host.ok("node", "update", ROLLOUT);
    return names.filter((name, i) => pki(name, "crt") !== before[i]);
}

/** Every certificate has its key, and nothing is left of a change. */
function expectWhole(): void {
    for (const name of Object.keys(FILES) as Name[]) {
        const { publicKey } = certificate(name);
        const key = execFileSync("openssl", ["pkey", "-pubout"], { input: pki(name, "key"), encoding: "utf8" });
        expect(publicKey.export({ type: "spki", format: "pem" }), name).toBe(key);
    }
    expect(host.exists("etc/kubernetes/new-pki")).toBe(false);
}

beforeEach(() => {
    host = sandboxWithMember();
});
afterEach(() => host.remove());

it("certificates stay when their names stay", () => {
    bootstrap({ certSANs: NAMED, etcd: MEMBER });
    expect(certificate("apiserver").checkHost("two.example.com")).toBeDefined();
    expect(certificate("server").checkHost("etcd.example.com")).toBeDefined();
    expect(renewedBy({ certSANs: NAMED, etcd: MEMBER, kubeletConfiguration: { maxPods: 90 } })).toEqual([]);
    expectWhole();
});

it.each([
    ["is removed", NAMED.slice(1)],
    ["is added", [...NAMED, "three.example.com"]],
    ["is replaced", [NAMED[0], "three.example.com"]],
])("kube-apiserver's is made again when a name %s, and only once", (_, certSANs) => {
    bootstrap({ certSANs: NAMED });
    expect(renewedBy({ certSANs })).toEqual(["apiserver"]);
    for (const name of certSANs) expect(certificate("apiserver").checkHost(name)).toBe(name);
    expect(renewedBy({ certSANs, kubeletConfiguration: { maxPods: 90 } })).toEqual([]);
    expectWhole();
});

it("an etcd member's are made again when their names change, also to none", () => {
    bootstrap({});
    expect(renewedBy({ etcd: MEMBER })).toEqual(["server", "peer"]);
    expect(certificate("server").checkHost("etcd.example.com")).toBeDefined();
    expect(certificate("peer").checkIP("198.51.100.7")).toBeDefined();
    expect(renewedBy({ etcd: { ...MEMBER, peerCertSANs: [] } })).toEqual(["peer"]);
    expect(renewedBy({})).toEqual(["server"]);
    expect(renewedBy({ kubeletConfiguration: { maxPods: 70 } })).toEqual([]);
    expectWhole();
});

it("an etcd member's stay where an earlier version of the program, without such names, made them", () => {
    bootstrap({});
    for (const phase of ["server", "peer"]) {
        rmSync(path.join(host.root, `var/lib/pulumi-kubeadm/cert-sans-etcd-${phase}`));
    }
    expect(renewedBy({ kubeletConfiguration: { maxPods: 70 } })).toEqual([]);
});

/** A change of an etcd member's names is cut at this call, or at `moved FILE`, right after FILE is in its place. */
async function cutChange(call: RegExp): Promise<void> {
    bootstrap({});
    const mv = path.join(host.root, "usr/local/sbin/mv");
    writeFileSync(mv, `#!/bin/bash\n/usr/bin/mv "$@" && echo "moved \${*: -1}" >>/fake/calls\nexit\n`, { mode: 0o755 });
    host.ok("prepare", "update", controlPlaneDesired({ etcd: MEMBER }));
    await host.runAndKillAt(call, "node", "update", ROLLOUT);
    rmSync(mv, { force: true });
}

it("a member's certificate stays until kubeadm has made the next", async () => {
    await cutChange(/init phase certs etcd-peer/);
    expect(certificate("peer").checkIP("198.51.100.7")).toBeUndefined();
    expect(certificate("server").checkHost("etcd.example.com")).toBeDefined();
});

describe.each([
    ["before its files are replaced", /init phase certs etcd-peer/],
    ["after its key is replaced", /moved .*etcd.peer.key/],
    ["after its files are replaced", /moved .*etcd.peer.crt/],
])("a change of a certificate's names that was cut %s", (_, call) => {
    it.each([
        ["is taken back", {}],
        ["is repeated", { etcd: MEMBER }],
    ])("and %s ends with the right names", async (_, next) => {
        await cutChange(call);
        renewedBy(next);
        const named = "etcd" in next;
        expect(certificate("server").checkHost("etcd.example.com") !== undefined).toBe(named);
        expect(certificate("peer").checkIP("198.51.100.7") !== undefined).toBe(named);
        expectWhole();
    });
});

it("names that change before the host has joined are in its certificates", async () => {
    host.ok("prepare", "create", controlPlaneDesired({ certSANs: NAMED, etcd: MEMBER }));
    await host.runAndKillAt(/kubeadm makes kubeconfig/, "node", "create", BOOTSTRAP);
    host.ok("prepare", "create", controlPlaneDesired({ certSANs: ["three.example.com"] }));
    host.ok("node", "create", BOOTSTRAP);
    expect(certificate("apiserver").checkHost("three.example.com")).toBeDefined();
    expect(certificate("apiserver").checkHost("one.example.com")).toBeUndefined();
    expect(certificate("server").checkHost("etcd.example.com")).toBeUndefined();
    expectWhole();
});

it("a node tells when the first certificate ends, also where that is a CA's", () => {
    bootstrap({ certSANs: NAMED });
    const told = () => host.ok("node", "update", ROLLOUT).split("\n")[1];
    const first = told();
    expect(new Date(first).getTime()).toBeGreaterThan(Date.now());
    const subject = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=ca"];
    const pem = execFileSync("openssl", ["req", "-x509", ...subject, "-days", "1", "-keyout", "/dev/null"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
    });
    host.write("etc/kubernetes/pki/site-ca.crt", pem);
    expect(new Date(told())).toEqual(new Date(new X509Certificate(pem).validTo));
});
