import { writeFileSync } from "fs";
import * as path from "path";
import { expect, it } from "vitest";
import { corefile, kubeadmCorefile } from "../../../components/addons/corefile";
import { nodeLocalDnsObjects } from "../../../components/addons/nodeLocalDns";
import { resolveSettings } from "../../../components/model/cluster";
import { LAB_DIR } from "../../../lab/paths";
import { liveCorefile } from "../looks";
import { eventually, kubectl, onHost, said, Stack } from "../stack";
import { exampleConfig } from "../example";
import { powerCut, testTopology } from "../topology";
import { testLocalVolume } from "./localVolume";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const nodeField = (node: string, field: string) => kubectl("get", "node", node, "-o", `jsonpath=${field}`);

const rolledOut = () => kubectl("-n", "kube-system", "rollout", "status", "deployment", "coredns", "--timeout=60s");

/** Asks that name server, as a process of the host with a resolv.conf of its own. */
const lookUp = (server: string, name: string) =>
    `unshare --mount sh -c 'echo nameserver ${server} >/run/resolv.conf && mount --bind /run/resolv.conf /etc/resolv.conf && getent hosts ${name}'`;

testTopology("add-ons", {
    hosts: nodes,
    nodes,
    images: "all",
    failures: [powerCut("cp1", 15)],
    looks: (stack) => {
        testLocalVolume(stack, "/srv/volumes");

        it("metrics are served", async () => {
            await eventually(120, "kubectl top", async () => {
                expect((await kubectl("top", "nodes", "--no-headers")).split("\n")).toHaveLength(nodes.length);
            });
        });

        it("CoreDNS has three pods, each on a node of its own, and a budget", async () => {
            const where = await kubectl(
                ...["-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns"],
                ...["-o", "jsonpath={.items[*].spec.nodeName}"],
            );
            expect(new Set(where.split(" ")).size).toBe(3);
            const budget = ["-n", "kube-system", "get", "poddisruptionbudget", "coredns"];
            expect(await kubectl(...budget, "-o", "jsonpath={.spec.maxUnavailable}")).toBe("1");
        });

        it("CoreDNS's pods run with the Corefile of the options", async () => {
            expect((await liveCorefile()).trim()).toBe(corefile(stack.config.coreDns, "cluster.local"));
            expect(await rolledOut()).toContain("successfully rolled out");
            const address = await kubectl(
                "-n",
                "kube-system",
                "get",
                "service",
                "kube-dns",
                "-o",
                "jsonpath={.spec.clusterIP}",
            );
            expect(await onHost("w1", lookUp(address, "printer.lab.example.com"))).toMatch(/^10\.88\.0\.2 /);
        });

        // Its program cannot be had here; what it is made of is at least what the apiserver takes.
        it.each(["nftables", "iptables"] as const)("NodeLocal DNSCache's objects are valid (%s)", async (kubeProxy) => {
            const { controlPlaneNodes, loadBalancer } = stack.config;
            const ssh = { privateKey: "" };
            const args = {
                ssh,
                controlPlaneNodes,
                loadBalancer,
                network: { kubeProxy },
                coreDns: { nodeLocalCache: {} },
            };
            const objects = nodeLocalDnsObjects(resolveSettings(args));
            const file = path.join(LAB_DIR, "e2e", "node-local-dns.json");
            writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
            const dryRun = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", file];
            expect((await kubectl(...dryRun)).split("\n")).toHaveLength(objects.length);
        });

        it("kube-proxy writes nftables, and flannel plain routes", async () => {
            expect(await onHost("w1", "nft list tables")).toContain("table ip kube-proxy");
            expect(await onHost("w1", "ip route")).toMatch(/10\.244\.\d+\.0\/24 via 10\.88\.0\.\d+ dev eth0/);
        });

        it("a component has its flag, a node its kubelet's settings", async () => {
            expect(await onHost("cp2", "cat /etc/kubernetes/manifests/kube-apiserver.yaml")).toContain(
                "--default-not-ready-toleration-seconds=60",
            );
            expect(await nodeField("w1", "{.status.capacity.pods}")).toBe("50");
            expect(await nodeField("w2", "{.status.capacity.pods}")).toBe("110");
            expect(await nodeField("w1", "{.spec.taints[*].key}")).toContain("dedicated");
        });

        it("a label, and CoreDNS's options, that leave the program are gone, and others' labels stay", async () => {
            expect(await nodeField("w1", "{.metadata.labels.disk}")).toBe("ssd");
            expect(await nodeField("w1", "{.metadata.annotations.example\\.com/rack}")).toBe("4");
            await kubectl("label", "node", "w1", "somebody=else");
            const config = exampleConfig("add-ons");
            config.workerNodes[0].labels = { tier: "gold" };
            config.coreDns = { replicas: 3, maxUnavailable: 1 };
            const outcome = await new Stack(config).up();
            expect(outcome.code, said(outcome)).toBe(0);
            const labels = JSON.parse(await nodeField("w1", "{.metadata.labels}"));
            expect(labels).toMatchObject({ tier: "gold", somebody: "else" });
            expect(labels.disk).toBeUndefined();
            expect((await liveCorefile()).trim()).toBe(kubeadmCorefile("cluster.local"));
            expect(await rolledOut()).toContain("successfully rolled out");
        });
    },
});
