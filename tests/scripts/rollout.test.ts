import { rmSync } from "fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScriptParameters } from "../../components/host/contract";
import { node } from "../unit/fixtures";
import {
    BOOTSTRAP as bootstrap,
    controlPlaneDesired,
    ROLLOUT as rollout,
    sandboxWithMember,
    votingMember,
    workerDesired,
} from "./desired";
import { PREFLIGHT } from "./preflight";
import type { Sandbox } from "./sandbox";

const newer = { kubernetesVersion: "1.36.4", drainTimeoutSeconds: 1 };
const pod = (more: object = {}): string => JSON.stringify({ metadata: { namespace: "shop", name: "web", ...more } });

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
});
afterEach(() => host.remove());

/** What was done to the node since the last look, in its order and in short. */
const steps = (): string[] => {
    const names: [RegExp, string][] = [
        [/^apt-get .*--download-only.*/, "fetch"],
        [/^apt-get .* install .*/, "install"],
        [/^kubectl .* (cordon|uncordon) .*/, "$1"],
        [/^kubectl .*\/namespaces\/(.*)\/pods\/(.*)\/eviction .*/, "evict $1/$2"],
        [/^systemctl (start|stop|restart) kubelet/, "$1 kubelet"],
        [/^kubeadm makes (.*)/, "$1"],
        [/^kubeadm upgrade node .*/, "upgrade node"],
        [/^crictl stop --timeout 10 container-of-(.*)-(cp1|w1)/, "end $1"],
    ];
    return host.calls().flatMap((call) => {
        const [pattern, name] = names.find(([known]) => known.test(call)) ?? [];
        return pattern && name ? [call.replace(pattern, name)] : [];
    });
};

function stage(parameters: ScriptParameters): void {
    host.ok("prepare", "update", parameters);
    host.calls();
}

/** A static pod whose manifest is there, and which runs. */
function running(node: string, ...names: string[]): void {
    for (const name of names) {
        const manifest = `etc/kubernetes/manifests/${name}.yaml`;
        if (!host.exists(manifest)) host.write(manifest, "");
        host.write(`fake/running/${name}-${node}`, "");
    }
}

describe("a change of a live control plane node", () => {
    const desired = controlPlaneDesired();
    const upgraded = controlPlaneDesired(newer);
    const exchange = [
        ...["install", "stop kubelet", "certs", "etcd", "control-plane"],
        ...["end kube-apiserver", "end kube-controller-manager", "end kube-scheduler", "end etcd"],
        ...["kubelet-start", "uncordon"],
    ];

    beforeEach(() => {
        host.ok("prepare", "create", desired);
        host.ok("node", "create", bootstrap);
        host.ok("node", "create", rollout);
        running("cp1", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");
        host.calls();
    });

    it("of version: its pods leave, and all of it ends and starts at once, etcd after those that call it", () => {
        host.write("fake/pod", pod());
        stage(upgraded);
        host.ok("node", "update", rollout);
        expect(steps().filter((step) => !step.startsWith("end"))).toEqual([
            ...["fetch", "cordon", "evict shop/web"],
            ...exchange.filter((step) => !step.startsWith("end")),
        ]);
        expect(JSON.parse(host.read("fake/eviction")).metadata).toEqual({ namespace: "shop", name: "web" });
        expect(host.exists("fake/running/etcd-cp1")).toBe(false);
        host.ok("node", "update", rollout);
        expect(steps()).toEqual([]);
    });

    it("of version: what calls etcd ends before etcd, and the kubelet is stopped meanwhile", () => {
        stage(upgraded);
        host.ok("node", "update", rollout);
        const ends = steps().filter((step) => /^end|kubelet/.test(step));
        expect(ends[0]).toBe("stop kubelet");
        expect(ends.slice(1, 4).sort()).toEqual(exchange.slice(5, 8));
        expect(ends.slice(4)).toEqual(["end etcd", "kubelet-start"]);
    });

    it("of what the kubelet alone reads ends no static pod", () => {
        stage(controlPlaneDesired({ kubeletConfiguration: { maxPods: 50 } }));
        host.ok("node", "update", rollout);
        expect(steps().filter((step) => /^end|kubelet/.test(step))).toEqual(["stop kubelet", "kubelet-start"]);
    });

    it("that cannot be had takes nothing from the node", () => {
        stage(upgraded);
        host.write("fake/apt-get-fails", "");
        expect(host.run("node", "update", rollout).stderr).toContain("apt could not install");
        expect(steps()).toEqual(["fetch"]);
        host.exec(["rm", "/fake/apt-get-fails"]);
        stage(desired);
        host.ok("node", "update", rollout);
        expect(steps()).toEqual([]);
    });

    it.each([
        ["the kubelet was stopped", /systemctl stop kubelet/],
        ["a static pod has ended", /crictl stopp kube-apiserver/],
        ["the kubelet's configuration was written", /kubeadm makes kubelet-start/],
    ])("is finished by the next run where it was cut: %s", async (_, call) => {
        stage(upgraded);
        await host.runAndKillAt(call, "node", "update", rollout);
        host.calls();
        host.ok("node", "update", rollout);
        for (const name of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
            expect(host.exists(`fake/running/${name}-cp1`), name).toBe(false);
        }
        expect(steps().slice(-2)).toEqual(["kubelet-start", "uncordon"]);
        host.ok("node", "update", rollout);
        expect(steps()).toEqual([]);
    });

    it("is taken back wholly where it was cut after it had begun", async () => {
        stage(upgraded);
        await host.runAndKillAt(/systemctl stop kubelet/, "node", "update", rollout);
        stage(desired);
        host.ok("node", "update", rollout);
        expect(steps().slice(-2)).toEqual(["kubelet-start", "uncordon"]);
    });

    it("waits for pods no longer than it was told, says what holds them, and takes the node back with the change", () => {
        host.write("fake/pod", pod());
        host.write("fake/budget", "");
        stage(upgraded);
        const { code, stderr } = host.run("node", "update", rollout);
        expect(code).toBe(1);
        expect(stderr).toContain("shop/web: Error from server (TooManyRequests): Cannot evict pod");
        expect(stderr).toContain("timed out after 1s waiting for ");
        expect(steps()).toEqual(expect.arrayContaining(["cordon", "evict shop/web"]));
        stage(desired);
        host.ok("node", "update", rollout);
        expect(steps()).toEqual(["uncordon"]);
    });

    it("is refused while etcd takes no writes, before anything is taken from the node", () => {
        host.write("fake/etcd/192.0.2.11/alarm", JSON.stringify({ alarms: [{ memberID: "1", alarm: "NOSPACE" }] }));
        stage(upgraded);
        expect(host.run("node", "update", rollout).stderr).toContain("etcd has raised the alarm NOSPACE");
        expect(steps()).toEqual(["fetch"]);
    });

    it("is refused while another member of a stacked etcd is away, before anything is taken from the node", () => {
        host.hurry();
        rmSync(`${host.root}/fake/etcd/192.0.2.13/status`);
        stage(upgraded);
        const { code, stderr } = host.run("node", "update", rollout);
        expect(code).toBe(1);
        expect(stderr).toContain("etcd's member cp3 does not answer");
        expect(steps()).toEqual(["fetch"]);
        host.write("fake/etcd/192.0.2.13/status", "{}");
        host.ok("node", "update", rollout);
        expect(steps().slice(-2)).toEqual(["kubelet-start", "uncordon"]);
    });

    it("is refused while a lost member of three is being replaced: the two voters are a quorum of three, and one is not", () => {
        host.hurry();
        host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members: [1, 2].map(votingMember) }));
        stage(upgraded);
        const { code, stderr } = host.run("node", "update", rollout);
        expect(code).toBe(1);
        expect(stderr).toContain("etcd has 2 voters of 3 declared members; without cp1 1 would answer, expected 2");
        expect(steps()).toEqual(["fetch"]);
    });

    it("goes on where etcd has two members or one: none can be spared, whatever is waited for", () => {
        const few = { controlPlaneNodes: [node("cp1", 11), node("cp2", 12)] };
        host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members: [1, 2].map(votingMember) }));
        stage(controlPlaneDesired({ ...newer, ...few }));
        host.ok("node", "update", rollout);
        expect(steps().slice(-2)).toEqual(["kubelet-start", "uncordon"]);
    });

    it.each([
        ["the only control plane node", [1], "192.0.2.11\n192.0.2.100\n"],
        ["one of three control plane nodes", [1, 2, 3], "192.0.2.11\n"],
    ])("repairs %s, whose kube-apiserver does not start: its pods would never end", (_, numbers, down) => {
        host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members: numbers.map(votingMember) }));
        host.hurry();
        host.write("fake/down", down);
        stage(controlPlaneDesired({ ...newer, controlPlaneNodes: numbers.map((n) => node(`cp${n}`, n + 10)) }));
        const { stderr } = host.run("node", "update", rollout);
        expect(stderr).toContain("this node's kube-apiserver does not answer; changing this node without a drain");
        expect(steps().filter((step) => !step.startsWith("end"))).toEqual([
            "fetch",
            "install",
            "stop kubelet",
            "certs",
            "etcd",
            "control-plane",
            "kubelet-start",
        ]);
    });

    it("is registered again where its Node was deleted, with its labels", () => {
        host.write("fake/unregistered", "");
        host.ok("node", "update", rollout);
        const [, label, apply] = host.calls().filter((call) => /restart kubelet| label |kubeadm-role/.test(call));
        expect(label).toContain("node-role.kubernetes.io/control-plane=");
        expect(apply).toContain("apply --server-side");
    });

    it("leaves a node closed to pods that somebody else had closed", () => {
        host.write("fake/unschedulable", "true");
        host.write("fake/lost", "spec.unschedulable"); // The first answer.
        stage(upgraded);
        host.ok("node", "update", rollout);
        expect([steps().includes("uncordon"), host.exists("fake/lost")]).toEqual([false, false]);
    });

    it.each([
        ["of a DaemonSet", pod({ ownerReferences: [{ kind: "DaemonSet", controller: true }] })],
        ["of the kubelet's own", pod({ annotations: { "kubernetes.io/config.mirror": "x" } })],
        ["that has ended", JSON.stringify({ ...JSON.parse(pod()), status: { phase: "Succeeded" } })],
    ])("does not wait for a pod %s", (_, text) => {
        host.write("fake/pod", text);
        stage(upgraded);
        host.ok("node", "update", rollout);
        expect(steps().filter((step) => step.startsWith("evict"))).toEqual([]);
    });
});

describe("a change of a live worker", () => {
    beforeEach(() => {
        host.ok("prepare", "create", workerDesired());
        host.ok("node", "create", { NODE_NAME: "w1", PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" });
        host.ok("node", "create", { NODE_NAME: "w1" });
        running("w1", "own-agent");
        host.write("fake/pod", pod());
        host.calls();
    });

    it("of version: its pods leave before the kubelet does, and it takes pods again", () => {
        stage(workerDesired(newer));
        host.ok("node", "update", { NODE_NAME: "w1" });
        expect(steps()).toEqual([
            ...["fetch", "cordon", "evict shop/web", "install", "upgrade node"],
            ...["stop kubelet", "end own-agent", "start kubelet", "uncordon"],
        ]);
        host.ok("node", "update", { NODE_NAME: "w1" });
        expect(steps()).toEqual([]);
    });

    it("is registered again where its Node was deleted, by a start of its kubelet", () => {
        host.write("fake/unregistered", "");
        host.ok("node", "update", { NODE_NAME: "w1" });
        expect(steps()).toEqual(["restart kubelet"]);
        host.ok("node", "update", { NODE_NAME: "w1" });
        expect(steps()).toEqual([]);
    });

    it("of what its kubelet reads leaves its pods where they are", () => {
        stage(workerDesired({ kubeletConfiguration: { maxPods: 50 } }));
        host.ok("node", "update", { NODE_NAME: "w1" });
        expect(steps()).toEqual(["upgrade node", "stop kubelet", "start kubelet"]);
    });

    it("is finished by the next run where it was cut with the new kubelet installed", async () => {
        stage(workerDesired(newer));
        await host.runAndKillAt(/upgrade node/, "node", "update", { NODE_NAME: "w1" });
        host.calls();
        host.ok("node", "update", { NODE_NAME: "w1" });
        expect(steps()).toEqual(["upgrade node", "stop kubelet", "end own-agent", "start kubelet", "uncordon"]);
    });
});

describe("the version that a live control plane node is asked to be of", () => {
    const preflight = (version: string): string => {
        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        host.write("etc/kubernetes/manifests/kube-apiserver.yaml", "    image: mirror/k8s/kube-apiserver:v1.35.4\n");
        return host.run("preflight", "update", { ...PREFLIGHT, KUBERNETES_VERSION: version }).stderr;
    };

    it.each(["1.35.4", "1.35.8", "1.35.1", "1.36.3"])("may be %s after 1.35.4", (version) => {
        expect(preflight(version)).not.toContain("kubernetesVersion");
    });

    it.each(["1.34.9", "1.37.0"])("may not be %s after 1.35.4", (version) => {
        expect(preflight(version)).toContain(
            `kubernetesVersion: got '${version}', expected 1.35.x or 1.36.x, since this live control plane node runs 1.35.4`,
        );
    });
});
