import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { expectReady } from "../looks";
import { expectRestartedInTurn } from "../order";
import { devConfig, eventually, kubectl, onHost, said, Stack, stepFailed } from "../stack";
import { expectWritesDuring } from "../writes";

/**
 * Values of a live cluster that were once recorded and not applied: each reaches the hosts, by one `up`, while writes go on.
 * One story: each test goes on from the last.
 */
const CONTROL_PLANE = ["cp1", "cp2", "cp3"];
const NODES = [...CONTROL_PLANE, "w1", "w2"];
const dev = devConfig();
const [w1, w2] = dev.workerNodes;
const sources = {
    ...dev.sources,
    registryMirrors: { ...dev.sources.registryMirrors, "quay.example.com": "http://10.88.0.2:5000/v2/of-quay" },
};
const first = {
    ...dev,
    sources,
    certSANs: ["first.example.com", "second.example.com"],
    workerNodes: [
        {
            ...w1,
            kubeletExtraArgs: [{ name: "v", value: "3" }],
            taints: [{ key: "gpu", value: "a100", effect: "NoExecute" }],
        },
        w2,
    ],
};
const stack = new Stack(first);

async function upWell(config: object): Promise<void> {
    stack.config = config;
    await expectWritesDuring(15, async () => {
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
    });
    await expectReady(NODES);
}

const addressOf = (name: string) => dev.controlPlaneNodes.find((node: { name: string }) => node.name === name).address;
/** What the certificate that a control plane node shows at a port says, in openssl's words. */
const served = (host: string, port: number, form = "-ext subjectAltName") =>
    onHost(
        host,
        `echo | openssl s_client -connect ${addressOf(host)}:${port} 2>/dev/null | openssl x509 -noout ${form}`,
    );
const servedNames = (host: string) => served(host, 6443);
const kubeletFlags = (host: string) => onHost(host, "tr '\\0' ' ' </proc/$(pgrep -x kubelet)/cmdline");
const taintsOf = (node: string) =>
    kubectl("get", "node", node, "-o", "jsonpath={range .spec.taints[*]}{.key}={.value}:{.effect} {end}");
const mirrors = (host: string) => onHost(host, "ls /etc/containerd/certs.d");

beforeAll(async () => {
    await lab.down();
    await lab.up();
});

describe("a live cluster", () => {
    it("comes up with all of them", async () => {
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        await stack.useKubeconfig();
        await expectReady(NODES);
        expect(await servedNames("cp1")).toContain("first.example.com");
        expect(await kubeletFlags("w1")).toContain("--v=3");
        expect(await taintsOf("w1")).toBe("gpu=a100:NoExecute");
        expect(await mirrors("w2")).toContain("quay.example.com");
    });

    it("names leave and join the certificates of kube-apiserver and etcd, one control plane node after the other", async () => {
        const etcd = { serverCertSANs: ["etcd.example.com"], peerCertSANs: ["198.51.100.7"] };
        await upWell({ ...first, etcd, certSANs: ["second.example.com"] });
        for (const host of CONTROL_PLANE) {
            const names = await servedNames(host);
            expect(names, host).not.toContain("first.example.com");
            expect(names, host).toContain("second.example.com");
            expect(await served(host, 2379)).toContain("DNS:etcd.example.com");
            expect(await served(host, 2380)).toContain("IP Address:198.51.100.7");
        }
        await expectRestartedInTurn("kubelet", CONTROL_PLANE);
    });

    it("keys of another kind and another validity: certificates are renewed, and no kubelet restarts", async () => {
        const started = () => Promise.all(CONTROL_PLANE.map((host) => onHost(host, "pgrep -x kubelet")));
        const before = await started();
        const pki = { encryptionAlgorithm: "RSA-2048", certificateValidityPeriod: "4800h" };
        await upWell({ ...stack.config, pki });
        for (const host of CONTROL_PLANE) {
            for (const port of [6443, 2379, 2380]) {
                expect(await served(host, port, "-text"), `${host}:${port}`).toContain("Public-Key: (2048 bit)");
            }
            const [, ends] = (await served(host, 6443, "-enddate")).split("=");
            expect((Date.parse(ends) - Date.now()) / 86_400_000).toBeCloseTo(200, 0);
            expect(await served(host, 2379)).toContain("DNS:etcd.example.com");
        }
        expect(await started()).toEqual(before);
    });

    it("taints change and leave, those of others stay, and flannel runs on; no kubelet restarts", async () => {
        await kubectl("taint", "node", "w1", "maintenance=:NoSchedule");
        const started = () => Promise.all(NODES.map((host) => onHost(host, "pgrep -x kubelet")));
        const before = await started();
        const taints = [{ key: "gpu", value: "h100", effect: "NoExecute" }];
        await upWell({
            ...stack.config,
            workerNodes: [
                { ...first.workerNodes[0], taints },
                { ...w2, taints },
            ],
        });
        expect(await taintsOf("w1")).toBe("maintenance=:NoSchedule gpu=h100:NoExecute");
        expect(await taintsOf("w2")).toBe("gpu=h100:NoExecute");
        const flannel = ["-n", "kube-flannel", "get", "pods", "--field-selector", "status.phase=Running"];
        const names = await kubectl(...flannel, "-o", "jsonpath={.items[*].spec.nodeName}");
        expect(names.split(" ").sort()).toEqual([...NODES].sort());
        await upWell({ ...stack.config, workerNodes: [{ ...first.workerNodes[0], taints: [] }, w2] });
        expect(await taintsOf("w1")).toBe("maintenance=:NoSchedule");
        expect(await taintsOf("w2")).toBe("");
        expect(await started()).toEqual(before);
    });

    it("a kubelet gets a changed flag, and loses one that is removed", async () => {
        const flags = (...kubeletExtraArgs: object[]) => [{ ...w1, kubeletExtraArgs }, w2];
        await upWell({ ...stack.config, workerNodes: flags({ name: "v", value: "4" }) });
        await eventually(30, "the new flag", async () => expect(await kubeletFlags("w1")).toContain("--v=4"));
        await upWell({ ...stack.config, workerNodes: flags() });
        await eventually(30, "no flag", async () => expect(await kubeletFlags("w1")).not.toContain("--v="));
        expect(await kubeletFlags("w1")).toContain("--node-ip=10.88.0.21");
    });

    it("a registry's mirror that is removed leaves every host, and the others stay", async () => {
        await upWell({ ...stack.config, sources: dev.sources });
        for (const host of NODES) {
            expect(await mirrors(host), host).not.toContain("quay.example.com");
            expect(await mirrors(host), host).toContain("registry.k8s.io");
        }
    });

    it("a flag that kube-apiserver refuses stops at the first node, and is gone with the next up when it is taken back", async () => {
        const usual = stack.config;
        const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
        const refused = [{ name: "tls-min-version", value: "VersionTLS99" }];
        await expectWritesDuring(15, async () => {
            stack.config = { ...usual, apiServer: { extraArgs: refused } };
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).not.toBe(0);
            expect(stepFailed(outcome, "cp1-node"), said(outcome)).toBe(true);
        });
        expect(await onHost("cp1", `cat ${manifest}`)).toContain("VersionTLS99");
        expect(await onHost("cp2", `cat ${manifest}`)).not.toContain("VersionTLS99");
        await upWell(usual);
        expect(await onHost("cp1", `cat ${manifest}`)).not.toContain("VersionTLS99");
    });

    describe("a removal that is taken back", () => {
        const unschedulable = (node: string) => kubectl("get", "node", node, "-o", "jsonpath={.spec.unschedulable}");
        const budget = (metadata: object) => ({
            apiVersion: "policy/v1",
            kind: "PodDisruptionBudget",
            metadata,
            spec: { maxUnavailable: 0, selector: { matchLabels: { app: "held" } } },
        });
        const pod = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "held", namespace: "default", labels: { app: "held" } },
            spec: {
                nodeName: "w2",
                containers: [{ name: "c", image: "docker.io/lab/tools:1", command: ["busybox", "sleep", "3600"] }],
                terminationGracePeriodSeconds: 0,
            },
        };

        it("after it was blocked leaves the node schedulable", async () => {
            const held = {
                apiVersion: "v1",
                kind: "List",
                items: [pod, budget({ name: "held", namespace: "default" })],
            };
            await stack.apply(JSON.stringify(held));
            await kubectl("wait", "--for=condition=Ready", "pod/held", "--timeout=60s");
            const both = stack.config;
            stack.config = { ...both, drainTimeoutSeconds: 15, workerNodes: [both.workerNodes[0]] };
            const blocked = await stack.up();
            expect(blocked.code, said(blocked)).not.toBe(0);
            expect(said(blocked)).toContain("w2 was not drained within 15s");
            expect(await unschedulable("w2")).toBe("true");
            await kubectl("delete", "pod/held", "pdb/held");
            await upWell(both);
            expect(await unschedulable("w2")).toBe("");
        });

        it("after the Node had gone is told, with a way out", async () => {
            const both = stack.config;
            const without = { ...both, workerNodes: [both.workerNodes[0]] };
            stack.config = without;
            const targeted = await stack.up("--target", "**cluster-configuration-apply");
            // The engine then refuses to leave the steps of w2, which depend on this one, without it.
            expect(said(targeted)).toContain("node/w2 drained");
            expect(await kubectl("get", "node", "w2", "--ignore-not-found")).toBe("");
            stack.config = both;
            const told = await stack.up();
            expect(told.code, said(told)).not.toBe(0);
            expect(said(told)).toContain("1 of 5 nodes: w2 is not registered");
            expect(said(told)).toContain("end the removal");
            stack.config = without;
            const ended = await stack.up();
            expect(ended.code, said(ended)).toBe(0);
            await upWell(both);
        });
    });
});
