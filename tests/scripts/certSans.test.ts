import { execFileSync } from "child_process";
import * as path from "path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KnownClusterArgs } from "../../components/model/cluster";
import { BOOTSTRAP, controlPlaneDesired, ROLLOUT, sandboxWithMember } from "./desired";
import type { Sandbox } from "./sandbox";

const CERTIFICATE = "etc/kubernetes/pki/apiserver.crt";
const NAMED = ["one.example.com", "two.example.com"];

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    const desired = controlPlaneDesired({ certSANs: NAMED });
    host.ok("prepare", "create", desired);
    host.ok("node", "create", BOOTSTRAP);
    makeCertificate(desired.CERT_SANS as string[]);
});
afterEach(() => host.remove());

/** The sandbox's kubeadm is a fake, so the test makes the certificate. */
function makeCertificate(names: string[]): void {
    const alternatives = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(",");
    const files = ["-out", path.join(host.root, CERTIFICATE), "-keyout", path.join(host.root, "fake/key.pem")];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execFileSync(
        "openssl",
        ["req", "-x509", "-subj", "/CN=kube-apiserver", "-addext", `subjectAltName=${alternatives}`, ...key, ...files],
        { stdio: "pipe" },
    );
}

/** Whether the certificate stays when the program is changed. */
function staysWith(changes: Partial<KnownClusterArgs>): boolean {
    const before = host.read(CERTIFICATE);
    host.ok("prepare", "update", controlPlaneDesired(changes));
    host.ok("node", "update", ROLLOUT);
    return host.read(CERTIFICATE) === before;
}

it("kube-apiserver's certificate stays when its names stay", () => {
    expect(staysWith({ certSANs: NAMED, kubeletConfiguration: { maxPods: 90 } })).toBe(true);
});

it.each([
    ["is removed", NAMED.slice(1)],
    ["is added", [...NAMED, "three.example.com"]],
    ["is replaced", [NAMED[0], "three.example.com"]],
])("is made again when a name %s, and only once", (_, certSANs) => {
    expect(staysWith({ certSANs })).toBe(false);
    makeCertificate(controlPlaneDesired({ certSANs }).CERT_SANS as string[]);
    expect(staysWith({ certSANs, kubeletConfiguration: { maxPods: 90 } })).toBe(true);
});
