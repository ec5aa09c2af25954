import { execFileSync } from "child_process";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOOTSTRAP as bootstrap, controlPlaneDesired, ROLLOUT as rollout, sandboxWithMember } from "./desired";
import type { Sandbox } from "./sandbox";

const desired = controlPlaneDesired();

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
});
afterEach(() => host.remove());

describe("certificates of a control plane node", () => {
    const another = { ...rollout, CERTIFICATE_GENERATION: "second" };
    const renewals = () => host.calls().filter((call) => /certs renew|crictl stop|cordon|restart kubelet/.test(call));
    const renewal = "kubeadm certs renew all --config /var/lib/pulumi-kubeadm/kubeadm.yaml";
    const stop = "crictl stop --timeout 10 c1";

    beforeEach(() => {
        host.ok("prepare", "create", desired);
        host.ok("node", "create", bootstrap);
        host.ok("node", "create", rollout);
        const minuteAgo = `${Math.floor(Date.now() / 1000) - 60}000000000`;
        host.write("fake/containers.json", JSON.stringify({ containers: [{ id: "c1", createdAt: minuteAgo }] }));
    });

    it("are renewed with the administrator's, once, and what read them once starts anew; nothing is drained", () => {
        expect(renewals()).toEqual([]);
        host.ok("node", "update", another);
        expect(renewals()).toEqual([renewal, stop, stop]);
        host.ok("node", "update", { ...bootstrap, ...another });
        host.ok("node", "update", another);
        expect(renewals()).toEqual([]);
    });

    it("are renewed by the configuration that was sent last, which no rollout has written", () => {
        host.ok("prepare", "update", { ...desired, KUBEADM_CONFIG: "certificateValidityPeriod: 48h0m0s" });
        host.ok("node", "update", another);
        expect(renewals()).toEqual([renewal, stop, stop]);
        expect(host.read("var/lib/pulumi-kubeadm/kubeadm.yaml")).toBe("certificateValidityPeriod: 48h0m0s\n");
    });

    it("are read by what read them once, where containerd is slow to answer", () => {
        host.write("fake/busy", "^ps --name ");
        host.ok("node", "update", another);
        expect(host.exists("fake/busy")).toBe(false);
        expect(renewals()).toEqual([renewal, stop, stop]);
    });

    it("do not wait for a containerd that has stopped: this step may mend it", () => {
        host.exec(["rm", "-f", "/fake/active-containerd"]);
        host.write("fake/unstartable-containerd", "");
        host.ok("node", "update", another);
        expect(renewals()).toEqual([renewal]);
    });

    it("that others put beside them are not the program's", () => {
        execFileSync("openssl", [
            ...[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=theirs",
            ],
            ...["-days", "1", "-keyout", "/dev/null", "-out", path.join(host.root, "etc/kubernetes/pki/theirs.crt")],
        ]);
        const until = Math.floor(Date.now() / 1000) + 2 * 86_400;
        host.ok("prepare", "update", { ...desired, CLAIM: "second" });
        host.ok("node", "create", { ...another, CLAIM: "second", CERTIFICATES_UNTIL: until });
        expect(renewals()).toEqual([]);
    });

    it("are renewed to the end by the next run, where one was cut", async () => {
        await host.runAndKillAt(/crictl stop/, "node", "update", another);
        host.calls();
        host.ok("node", "update", another);
        expect(renewals()).toEqual([renewal, stop, stop]);
    });

    it("stay when another state takes the host over, unless they end before the next renewal", () => {
        const inDays = (days: number) => Math.floor(Date.now() / 1000) + days * 86_400;
        const takenOver = (claim: string, days: number) => {
            host.ok("prepare", "update", { ...desired, CLAIM: claim });
            host.ok("node", "create", { ...another, CLAIM: claim, CERTIFICATES_UNTIL: inDays(days) });
        };
        takenOver("second", 335);
        expect(renewals()).toEqual([]);
        takenOver("third", 400);
        expect(renewals()).toEqual([renewal, stop, stop]);
        host.ok("node", "update", { ...another, CLAIM: "third", CERTIFICATE_GENERATION: "third" });
        expect(renewals()).toEqual([renewal, stop, stop]);
    });

    it("are renewed to the end where the renewal of a host that was taken over was cut", async () => {
        const late = { ...another, CLAIM: "second", CERTIFICATES_UNTIL: Math.floor(Date.now() / 1000) + 400 * 86_400 };
        host.ok("prepare", "update", { ...desired, CLAIM: "second" });
        await host.runAndKillAt(/crictl stop/, "node", "create", late);
        host.calls();
        host.ok("node", "create", { ...late, CERTIFICATES_UNTIL: 0 });
        expect(renewals()).toEqual([renewal, stop, stop]);
    });

    it("are told to the program by the end of the first of them", () => {
        const ends = (text: string) => text.split("\n")[1];
        const daysUntil = (end: string) => (new Date(end).getTime() - Date.now()) / 86_400_000;
        const { stdout } = host.run("node", "update", rollout);
        expect(stdout).toMatch(/^uid-of-its-node(\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ){2}$/);
        expect(daysUntil(ends(stdout))).toBeCloseTo(365, 1);
        host.write("fake/days", "20");
        expect(daysUntil(ends(host.run("node", "update", another).stdout))).toBeCloseTo(20, 1);
    });

    it("that have expired take no turn, and are renewed before anything waits for other nodes", () => {
        expect(host.run("prepare", "update", desired).stdout).toMatch(/^live /);
        host.write("fake/days", "-1");
        host.ok("node", "update", another);
        host.calls();
        host.exec(["rm", "/fake/days"]);
        expect(host.run("prepare", "update", desired).stdout).toMatch(/^expired /);
        host.ok("node", "update", { ...bootstrap, CERTIFICATE_GENERATION: "third" });
        expect(renewals().slice(0, 2)).toEqual([renewal, "systemctl restart kubelet"]);
        expect(host.run("prepare", "update", desired).stdout).toMatch(/^live /);
        host.ok("node", "update", { ...bootstrap, CERTIFICATE_GENERATION: "third" });
        expect(renewals()).toEqual([]);
    });
});
