import type { ChildProcess } from "child_process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired } from "./desired";
import { SERVER, startNameServer } from "./nameServer";
import { nodeObject } from "./nodeObject";
import { Result, Sandbox } from "./sandbox";

const parameters = {
    NODE_NAME: "cp1",
    NODES: ["cp1", "w1"],
    NODE_OBJECTS: '{"kind":"List","items":[]}',
    WAIT_FOR_READY: true,
    CNI_PODS: "kube-flannel app=flannel",
    VERIFY: true,
};

let server: ChildProcess;
let host: Sandbox;

beforeAll(async () => {
    server = await startNameServer();
});
afterAll(() => server.kill());

beforeEach(() => {
    host = new Sandbox();
    host.hurry();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    for (const node of parameters.NODES) host.write(`fake/node-${node}`, nodeObject(node));
    const members = ["11", "12", "13"].map((last) => ({
        ID: last,
        name: `cp${last}`,
        peerURLs: [`https://192.0.2.${last}:2380`],
    }));
    for (const last of ["11", "12", "13"]) {
        host.write(`fake/etcd/192.0.2.${last}/list`, JSON.stringify({ members }));
    }
    host.write("fake/dns-service", SERVER);
    domain("cluster.local");
    list("verify-pods", verifyPod("cp1"), verifyPod("w1"));
    list("coredns-pods", nameServer("w1", SERVER));
    list("pods-kube-flannel", flannel("cp1"), flannel("w1"));
    host.calls();
});
afterEach(() => host.remove());

const ready = { conditions: [{ type: "Ready", status: "True" }] };
const list = (file: string, ...items: object[]) => host.write(`fake/${file}`, JSON.stringify({ items }));
/** The cluster's domain in the kubelet's configuration, as kubeadm writes it. */
const domain = (name: string) =>
    host.write("var/lib/kubelet/config.yaml", `clusterDNS:\n- 10.96.0.10\nclusterDomain: ${name}\n`);

const nameServer = (node: string, ...addresses: string[]) => ({
    spec: { nodeName: node },
    status: { ...ready, podIPs: addresses.map((ip) => ({ ip })) },
});

/** Nothing listens at its address, so it refuses connections. The node reaches these addresses, and those not. */
const verifyPod = (node: string, status: object = {}, reached = [SERVER], unreached: string[] = []) => {
    const asked = [...reached, ...unreached];
    const container = (host: string, i: number) => ({ name: `nothing-${i}`, readinessProbe: { tcpSocket: { host } } });
    const containerStatus = (host: string, i: number) => ({
        ...{ name: `nothing-${i}`, ready: reached.includes(host), state: { running: {} } },
    });
    return {
        metadata: { name: `pulumi-kubeadm-verify-${node}` },
        spec: { nodeName: node, containers: asked.map(container) },
        status: {
            ...{ phase: "Running", podIPs: [{ ip: "127.77.0.9" }], containerStatuses: asked.map(containerStatus) },
            ...status,
        },
    };
};

const flannel = (node: string, phase = "Running") => ({
    metadata: { name: `flannel-${node}`, namespace: "kube-flannel" },
    ...{ spec: { nodeName: node }, status: { phase } },
});
const CRASHING = { state: { waiting: { reason: "CrashLoopBackOff" } } };
const ill = (node: string, app: string, status: object) => ({
    metadata: { name: `of-${node}`, namespace: "kube-system", labels: { "k8s-app": app } },
    spec: { nodeName: node, priorityClassName: "system-node-critical", restartPolicy: "Always" },
    status: { containerStatuses: [{ name: "main", restartCount: 41, ...status }] },
});
const running = (secondsAgo: number) => {
    const startedAt = new Date(Date.now() - 1000 * secondsAgo).toISOString().replace(/\.\d+/, "");
    return { state: { running: { startedAt } } };
};

const finish = (changed: object = {}): Result => host.run("finish", "update", { ...parameters, ...changed });
interface Container {
    readinessProbe: { tcpSocket: { host: string; port: number } };
}
/** The addresses that the pod on the first node asks. */
const asked = (): string[] => {
    const { containers } = JSON.parse(host.read("fake/verify-made")).items[0].spec as { containers: Container[] };
    return containers.map(({ readinessProbe: { tcpSocket } }) => `${tcpSocket.host}:${tcpSocket.port}`);
};
const deletions = () => host.calls().filter((call) => call.includes("delete pods"));

function expectFault(fault: RegExp): void {
    const { code, stderr } = finish();
    expect(stderr).toMatch(fault);
    expect(stderr).toContain("waiting for pods to reach each other and CoreDNS (verify)");
    expect(code).toBe(1);
    // One before, and one at the end.
    expect(deletions()).toHaveLength(2);
}

describe("the verification of a cluster", () => {
    it("runs a pod on every node, asks CoreDNS, and removes the pods", () => {
        const { code, stderr } = finish();
        expect(code, stderr).toBe(0);
        expect(stderr).toContain("pods on 2 nodes reach each other and CoreDNS");
        const made = JSON.parse(host.read("fake/verify-made")).items;
        expect(made.map((pod: { spec: { nodeName: string } }) => pod.spec.nodeName)).toEqual(["cp1", "w1"]);
        expect(made[0].spec.containers[0].image).toMatch(/\/pause:/);
        // The Service, and the pod of CoreDNS.
        expect(asked()).toEqual([`${SERVER}:53`, `${SERVER}:53`]);
        expect(deletions().length).toBeGreaterThanOrEqual(2);
    });

    it("has three pods of CoreDNS asked from every node, of three nodes where it can", () => {
        const nodes = ["cp1", "cp1", "w1", "w2", "w3"];
        list("coredns-pods", ...nodes.map((node, i) => nameServer(node, `127.77.1.${i}`)));
        finish();
        expect(asked()).toEqual([SERVER, "127.77.1.0", "127.77.1.2", "127.77.1.3"].map((address) => `${address}:53`));
    });

    it("is left out where the configuration says so", () => {
        expect(finish({ VERIFY: false }).code).toBe(0);
        expect(host.calls().filter((call) => /create -f|delete pods/.test(call))).toEqual([]);
    });

    it("tells which node's pods are not reached", () => {
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", { podIPs: [{ ip: "255.255.255.255" }] }));
        host.write("fake/policies", "deny-all");
        expectFault(/^w1: the pod at 255\.255\.255\.255 does not answer a pod on cp1$/m);
        expect(finish().stderr).toMatch(/^NetworkPolicies in kube-system may be the cause: deny-all$/m);
    });

    it("warns of nodes to whose pods large packets get lost", () => {
        const before = host.read("usr/local/sbin/ip");
        const program = (name: string, text: string) => {
            host.write(`usr/local/sbin/${name}`, `#!/bin/bash\n${text}\n`);
            host.exec(["chmod", "755", `/usr/local/sbin/${name}`]);
        };
        program(
            "ip",
            `[[ $* != *"route get"*9 ]] || { echo "local \${!#} dev lo src \${!#} uid 0"; exit; }
            [[ $* != *"link show dev lo"* ]] || { echo "1: lo: <LOOPBACK,UP> mtu 65536"; exit; }
            [[ $* != *"route get"* ]] || { echo "\${!#} dev eth0 src 10.244.0.2 uid 0 \\    cache \$(cat /fake/route-mtu 2>/dev/null)"; exit; }
            [[ $* != *"link show dev eth0"* ]] || { echo "2: eth0@if7: <UP> mtu 1450 qdisc noqueue"; exit; }
            ${before}`,
        );
        // To .8 not more than 1428 bytes of an IPv4 packet pass.
        program(
            "ping",
            "while [[ $1 != -s ]]; do shift; done; most=65535; [[ $3 != *8 ]] || most=1428; (($2 + 28 <= most))",
        );
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", { podIPs: [{ ip: "127.77.0.8" }] }));
        const { code, stderr } = finish();
        expect(code, stderr).toBe(0);
        expect(stderr).toContain(
            "warning: packets as large as the pods' MTU get lost on the way from cp1 to pods on w1, and small ones pass",
        );
        host.write("fake/route-mtu", "mtu 1428");
        expect(finish().stderr).not.toContain("get lost");
    });

    it("tells why a pod does not start", () => {
        const state = { waiting: { reason: "ContainerCreating" } };
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", { phase: "Pending", containerStatuses: [{ state }] }));
        expectFault(/^w1: the pod pulumi-kubeadm-verify-w1 does not start: ContainerCreating/m);
    });

    it("tells which node does not reach CoreDNS's Service, or a pod of CoreDNS", () => {
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", {}, [], [SERVER]));
        expectFault(/^w1: CoreDNS's Service does not answer at 127\.77\.0\.1, port 53$/m);
        host.write("fake/dns-service", "::1");
        domain("cluster.local");
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", {}, ["::1"], [SERVER]));
        expectFault(/^w1: CoreDNS's pod does not answer at 127\.77\.0\.1, port 53$/m);
    });

    it("does not ask for a pod of CoreDNS that has ended meanwhile", () => {
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", {}, [SERVER], ["127.77.0.7"]));
        expect(finish().code).toBe(0);
    });

    it("tells which name server gives no answer, or a wrong one", () => {
        host.write("fake/dns-service", `${SERVER} 127.77.0.8`);
        expectFault(/^no answer from CoreDNS at 127\.77\.0\.8 to a pod on cp1$/m);
        host.write("fake/dns-service", SERVER);
        domain("unknown.example");
        expectFault(/^no answer from CoreDNS at 127\.77\.0\.1 to a pod on cp1$/m);
    });

    it("asks for an address of the family that Services have first, whatever the name server's own address is", () => {
        host.write("fake/dns-service", `${SERVER} ::1`);
        list("coredns-pods", nameServer("w1", SERVER, "::1"));
        expect(finish().code).toBe(0);
    });

    it("tells the last words of a part of the cluster that ends again and again", () => {
        list("pods-kube-system", ill("w1", "kube-proxy", CRASHING));
        host.write("fake/previous-words", "plugin/loop: Loop detected\n");
        expectFault(/^w1: kube-system\/of-w1: CrashLoopBackOff: plugin\/loop: Loop detected$/m);
    });

    it("takes a container that has ended again for a crash loop: the kubelet says CrashLoopBackOff only later", () => {
        const ended = (exitCode: number) => ({ state: { terminated: { exitCode, reason: "Error" } } });
        list("pods-kube-system", ill("w1", "kube-proxy", ended(3)));
        host.write("fake/last-words", "unknown flag: --x\n");
        expectFault(/^w1: kube-system\/of-w1: it has ended with exit code 3, started 41 times: unknown flag: --x$/m);
        const { status, ...pod } = ill("w1", "kube-proxy", running(60));
        const initialized = [{ name: "init", restartCount: 2, ...ended(0) }];
        list("pods-kube-system", { ...pod, status: { ...status, initContainerStatuses: initialized } });
        expect(finish().code).toBe(0);
        host.calls();
        list("pods-kube-system", {
            ...pod,
            status: { ...status, initContainerStatuses: [{ ...initialized[0], ...ended(1) }] },
        });
        expectFault(/^w1: kube-system\/of-w1: it has ended with exit code 1, started 2 times/m);
    });

    it("tells which nodes have no pod of the CNI plugin", () => {
        list("pods-kube-flannel", flannel("cp1"), flannel("w1", "Pending"));
        expectFault(
            /^w1: no pod of the CNI plugin \(app=flannel\) runs there; if its DaemonSet was deleted: pulumi up --refresh$/m,
        );
    });

    it("tells that CoreDNS has no pods", () => {
        list("coredns-pods");
        host.write("fake/dns-service", "127.77.0.2");
        expectFault(/^CoreDNS has no pods: kubectl --namespace kube-system scale deployment coredns --replicas 2$/m);
    });

    it("tells why the image of kube-proxy cannot be pulled", () => {
        const message = 'Back-off pulling image "mirror/kube-proxy:v1": not found';
        list(
            "pods-kube-system",
            ill("w1", "kube-proxy", { state: { waiting: { reason: "ImagePullBackOff", message } } }),
        );
        expectFault(
            /^w1: kube-system\/of-w1: ImagePullBackOff: Back-off pulling image "mirror\/kube-proxy:v1": not found$/m,
        );
    });

    it("tells why a pod of CoreDNS has no node, where CoreDNS does not answer", () => {
        const message = "0/2 nodes are available: 2 node(s) had untolerated taint(s).";
        const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
        list("coredns-pods", { metadata: { name: "coredns-1" }, spec: {}, status: { phase: "Pending", conditions } });
        host.write("fake/dns-service", "127.77.0.2");
        expectFault(
            /^kube-system\/coredns-1 has no node: 0\/2 nodes are available: 2 node\(s\) had untolerated taint\(s\)\.$/m,
        );
    });

    it("takes a part that was just started once more for no healthy one, and one that runs on for healthy", () => {
        list("pods-kube-system", ill("w1", "kube-proxy", running(-60)));
        expectFault(/^w1: kube-system\/of-w1: it was started 41 times$/m);
        list("pods-kube-system", ill("w1", "kube-proxy", running(60)));
        expect(finish().code).toBe(0);
    });

    it("only warns of pods of others, and of nodes that are not declared", () => {
        list("pods-kube-system", ill("w1", "gpu-plugin", CRASHING), ill("w9", "kube-proxy", CRASHING));
        const { code, stderr } = finish();
        expect(code, stderr).toBe(0);
        expect(stderr).toMatch(/warning: pods that do not come up: .*of-w1.*of-w9/);
    });

    it.each(["OutOfpods", "Evicted"])("leaves out a node that has no room for another pod: %s", (reason) => {
        list("verify-pods", verifyPod("cp1"), verifyPod("w1", { phase: "Failed", reason }));
        expect(finish().code).toBe(0);
    });

    it("says so where a policy refuses its pods", () => {
        host.write("fake/refused-verify", 'admission webhook "policy.example" denied the request\n');
        const { code, stderr } = finish();
        expect(code, stderr).toBe(0);
        expect(stderr).toContain("warning: the cluster was not verified, because it refuses the pods for it");
        expect(stderr).not.toContain("reach each other and CoreDNS");
    });

    it("asks nothing of a CoreDNS that somebody removed", () => {
        host.write("fake/dns-service", "");
        expect(finish().code).toBe(0);
    });
});
