import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { devConfig, eventually, kubectl, onHost, said, Stack } from "../stack";

/** Clusters whose nodes are Ready and that do not work: public reports. */
const hosts = ["cp1", "w1", "w2"];

const VXLAN = "inet verify_test";
const LOOP = "nameserver 127.0.0.1";

/** kube-apiserver's, by kube-proxy's rules. */
const SERVICE = "curl --fail --silent --insecure --max-time 2 https://10.96.0.1/readyz";

const pods = () => kubectl("get", "pods", "--namespace", "kube-system", "--output", "name");

describe("a cluster that is verified", () => {
    const stack = new Stack({
        ...devConfig(),
        controlPlaneNodes: devConfig().controlPlaneNodes.slice(0, 1),
        loadBalancer: undefined,
        preflight: { skip: ["firewall", "resolver"] },
    });

    beforeAll(async () => {
        await lab.down();
        await lab.up({ hosts });
        // Whatever filters it: the packets of pods on other nodes do not arrive.
        await onHost(
            "w1",
            `nft add table ${VXLAN} && nft 'add chain ${VXLAN} drops { type filter hook input priority 0; }' && ` +
                `nft add rule ${VXLAN} drops udp dport 8472 drop`,
        );
        // CoreDNS would ask itself, and ends.
        for (const host of hosts) await onHost(host, `cp /etc/resolv.conf /root/ && echo '${LOOP}' >/etc/resolv.conf`);
    });

    it("is not called done while a node's pods are cut off and CoreDNS ends again and again", async () => {
        const outcome = await stack.up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toMatch(/w1: the pod at 10\.244\.\S+ does not answer a pod on cp1/);
        expect(said(outcome)).not.toMatch(/w2: the pod at/);
        expect(said(outcome)).toMatch(
            /kube-system\/coredns-\S+: (CrashLoopBackOff|it has ended with exit code 1, started \d+ times): .*Loop \(127\.0\.0\.1/,
        );
        expect(said(outcome)).toMatch(/timed out after 120s waiting for pods to reach each other and CoreDNS/);
        await stack.useKubeconfig();
        expect(await pods()).not.toContain("verify");
    });

    it("is done with the next up once both are mended, and nothing is left behind", async () => {
        await onHost("w1", `nft delete table ${VXLAN}`);
        for (const host of hosts) await onHost(host, "cat /root/resolv.conf >/etc/resolv.conf");
        await kubectl("rollout", "restart", "deployment/coredns", "--namespace", "kube-system");
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(said(outcome)).toMatch(/cp1: pods on 3 nodes reach each other and CoreDNS/);
        expect(await pods()).not.toContain("verify");
    });

    // Debian's nftables.service does so at each reload.
    it("works again by itself after all rules of a live node's packet filter were flushed", async () => {
        const started = Date.now();
        await onHost("w1", "nft flush ruleset");
        await eventually(90, "a Service that answers w1", () => onHost("w1", SERVICE));
        process.stdout.write(`[flush] Services answered after ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
    });

    it("is verified again when a node changes, and large packets that get lost are told", async () => {
        await onHost(
            "w1",
            `nft add table ${VXLAN} && nft 'add chain ${VXLAN} drops { type filter hook input priority 0; }' && ` +
                `nft add rule ${VXLAN} drops udp dport 8472 udp length '>' 1440 drop`,
        );
        const { workerNodes } = stack.config;
        const changed = { ...workerNodes[0], kubeletExtraArgs: [{ name: "max-pods", value: "50" }] };
        stack.config = { ...stack.config, workerNodes: [changed, workerNodes[1]] };
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(said(outcome)).toMatch(/w1: looking for restarts/);
        expect(said(outcome)).toMatch(/cp1: pods on 3 nodes reach each other and CoreDNS/);
        expect(said(outcome)).toMatch(
            /packets as large as the pods' MTU get lost on the way from cp1 to pods on w1, and/,
        );
        await onHost("w1", `nft delete table ${VXLAN}`);
    });

    it("is not called done while a part has just begun to crash and the CNI plugin's DaemonSet is gone; --refresh brings it back", async () => {
        await kubectl("delete", "daemonset", "kube-flannel-ds", "--namespace", "kube-flannel");
        const crashing = ["create", "deployment", "crashing", "--namespace", "kube-flannel", "--image=lab/tools:1"];
        await kubectl(...crashing, "--", "busybox", "sh", "-c", "echo ends at once; exit 3");
        const { workerNodes } = stack.config;
        const labelled = { ...workerNodes[1], labels: { disk: "ssd" } };
        stack.config = { ...stack.config, workerNodes: [workerNodes[0], labelled] };
        const outcome = await stack.up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toMatch(
            /cp1, w1, w2: no pod of the CNI plugin \(app=flannel\) runs there; if its DaemonSet was deleted: pulumi up --refresh/,
        );
        expect(said(outcome)).toMatch(
            /kube-flannel\/crashing-\S+: (CrashLoopBackOff|it has ended with exit code 3, started \d+ times): ends at once/,
        );
        await kubectl("delete", "deployment", "crashing", "--namespace", "kube-flannel");
        const refreshed = await stack.up("--refresh");
        expect(refreshed.code, said(refreshed)).toBe(0);
        expect(said(refreshed)).toMatch(/cp1: pods on 3 nodes reach each other and CoreDNS/);
    });
});
